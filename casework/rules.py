"""Who may do what. A rule is one function; its sentence is what the refused person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from casework.errors import Refused
from casework.words import Words, _

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False)
class Rule:
    """One question with yes or no for an answer, and the sentence that goes with no."""

    name: str
    says: Words
    basis: Words
    holds: Callable[..., bool]

    def __call__(self, *facts: Any) -> bool:
        """Whether the rule allows it; deciding what to show, not whether to act."""
        return self.holds(*facts)

    def ask(self, *facts: Any) -> None:
        """Go on, or Refused with the rule's sentence."""
        if not self.holds(*facts):
            raise Refused(self.says, self.basis)


def rule(says: Words, *, basis: Words = "") -> Callable[[Callable[..., bool]], Rule]:
    """Make a rule of a question: `@rule(_("…"), basis=_("物业管理条例 第二十四条"))`."""
    return lambda question: Rule(question.__name__, says, basis, question)


def admits(who: Rule) -> Callable[[View], View]:
    """Open a page to those for whom `who(post_or_None)` holds; a page without this line stays closed."""

    def mark(view: View) -> View:
        view.admits = who  # type: ignore[attr-defined]
        return view

    return mark


@rule(_("此页面向所有人开放。"))
def anyone(by: Any) -> bool:
    """The public pages."""
    return True


@rule(_("请先登录。"))
def signed_in(by: Any) -> bool:
    """Any post in force."""
    return by is not None


@rule(_("系统管理员只管理单位和人员，不接触业务内容。"))
def staff(by: Any) -> bool:
    """Everybody who works on cases: any post but the administrators'."""
    return by is not None and by.role != "admin"


@rule(_("仅系统管理员可以管理单位和人员。"))
def administrator(by: Any) -> bool:
    """Keeps people and organisations; sees no business contents."""
    return by is not None and by.role == "admin"


@rule(_("仅区房管局工作人员可以办理。"))
def bureau(by: Any) -> bool:
    """A clerk of the housing bureau, whatever desk."""
    return by is not None and by.organisation.kind == "bureau" and by.role in {"window", "examiner", "head"}


@rule(_("此事项由本单位的指定岗位申请。"))
def applies(by: Any) -> bool:
    """A post that may begin anything: auditors and archivists read, experts act where they are called."""
    return by is not None and by.role not in {"admin", "auditor", "archivist", "member"}


@rule(_("指标和逾期清单供区房管局、街道和审计人员查看。"))
def watch(by: Any) -> bool:
    """Those who watch over others: the bureau, the streets, the city and the auditors."""
    watching = by is not None and by.organisation.kind in {"bureau", "street", "city", "district"}
    return by is not None and by.role != "admin" and (watching or by.role == "auditor")


@rule(_("该步骤由指定单位的指定岗位办理。"))
def complete(by: Any, step: Any) -> bool:
    """The step waits for this organisation, this role."""
    return bool(by.organisation_id == step.organisation_id and by.role in step.roles.split(","))


@rule(_("没有找到您要的内容。"))
def concern(by: Any, open_to: str, parties: frozenset[int]) -> bool:
    """Another case may be named by whoever may apply, or only by those who take part in it."""
    return open_to == "starts" or (open_to == "parties" and by.organisation_id in parties)


@rule(_("申请人不得审批自己的申请。"), basis=_("行政许可法 第三十四条"))
def not_own(by: Any, case: Any, starter_user_id: int | None) -> bool:
    """Whoever applied may not decide."""
    return bool(by.user_id != starter_user_id)


@rule(_("此事项由本单位的指定岗位申请。"))
def start(by: Any, starts: Mapping[str, Any] | None) -> bool:
    """The procedure says under `starts` which kinds of organisations and which posts may apply."""
    if by is None or not starts:
        return False
    return by.organisation.kind in starts.get("kinds", ()) and by.role in starts.get("roles", ())


@rule(_("只有申请单位可以撤回申请。"))
def withdraw(by: Any, case: Any) -> bool:
    """The applicant's organisation may take back what it asked for."""
    return bool(by.organisation_id == case.starter_organisation_id)


@rule(_("没有找到您要的内容。"))
def see(by: Any, parties: frozenset[int], audited: frozenset[int]) -> bool:
    """A party of the case, or an auditor of a party's territory; administrators see no business contents."""
    if by.role == "auditor":
        return bool(parties & audited)
    return by.role != "admin" and by.organisation_id in parties


@rule(_("此步骤由指定的本人办理，他人不能代办。"))
def in_person(by: Any, user_id: Any) -> bool:
    """A member of a committee acts in person, not through a colleague of the same post."""
    return bool(by.user_id == user_id)


@rule(_("没有找到您要的内容。"), basis=_("招标投标法 第三十七条"))
def calls(by: Any) -> bool:
    """Those who draw, call and supervise a committee know who sits on it; nobody else before the result."""
    return bool(by.organisation.kind == "bureau" and by.role in {"examiner", "head"})


@rule(_("没有找到您要的内容。"))
def confided(by: Any, organisation_id: int) -> bool:
    """What a drawing marks secret is for whoever answered it, and for those who supervise."""
    ours = by.organisation_id == organisation_id
    return bool(ours or by.organisation.kind == "bureau" or by.role == "auditor")


@rule(_("核查须由两名以上工作人员分别进行，您已办理过其中一份。"), basis=_("行政许可法 第三十四条"))
def different(already: int) -> bool:
    """Two officials look at the facts, not one of them twice."""
    return not already


@rule(_("复核须由另一单位的另一人办理：办理过被复核步骤的人员，以及办理单位的人员，不能自行复核。"))
def apart(by: Any, done: Any) -> bool:
    """Whoever did the work does not look at it again, nor does anybody of the same organisation."""
    return all(by.user_id != one.done_user_id and by.organisation_id != one.organisation_id for one in done)


@rule(_("复查须由另一人进行：您办理过此前的步骤，请由本单位其他人员办理；没有其他人员的，请先为其设立岗位。"))
def another(already: int) -> bool:
    """Whoever found or mended something does not judge whether it is mended."""
    return not already


@rule(_("行政机关作出决定后，申请不能撤回。"))
def withdrawable(allowed: bool, variables: Any) -> bool:
    """Until the decision is made; the procedure may say never, and a drawing sets `decided`."""
    return bool(allowed) and not variables.get("decided")
