"""The tree over the ends of all records is that of RFC 6962."""

from __future__ import annotations

import random

import pytest

from casework import offline_verify
from casework.merkle import Tree

#: The test vectors of Certificate Transparency's reference implementation: eight records and their roots.
RECORDS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_standard(size: int) -> None:
    grown = Tree()
    for at, record in enumerate(RECORDS[:size]):
        grown.put(at, record)
    assert Tree(RECORDS[:size]).root == grown.root == ROOTS[size - 1]
    assert len(grown) == size


def test_nothing_has_a_root_too() -> None:
    assert Tree().root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_changed_record_gives_the_root_of_the_changed_whole() -> None:
    dice = random.Random(7)
    for size in (1, 2, 3, 5, 8, 13, 100):
        records = [str(n).encode() for n in range(size)]
        tree = Tree(records)
        for _ in range(20):
            at = dice.randrange(size)
            records[at] = str(dice.random()).encode()
            tree.put(at, records[at])
            assert tree.root == Tree(records).root


def test_the_script_without_the_program_builds_the_same_tree() -> None:
    rows = [{"case_id": n, "seq": 3, "head": f"{n:064x}"} for n in range(11)]
    ours = Tree(f'[{r["case_id"]}, 3, "{r["head"]}"]'.encode() for r in rows)
    assert offline_verify.root([offline_verify.leaf(row) for row in rows]) == ours.root
