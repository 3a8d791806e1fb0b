"""A .form file becomes a page and a checked answer."""

from casework.forms.binding import Error
from casework.forms.bound import Bound, Step
from casework.forms.changes import Change, changes
from casework.forms.fields import Stored
from casework.forms.form import Form, NotAForm, read
from casework.forms.lint import Finding
from casework.forms.table import Line, Part, answers_table
from casework.forms.taken_over import TakenOver, fitting
from casework.forms.uploads import Upload

__all__ = [
    "Bound",
    "Change",
    "Error",
    "Finding",
    "Form",
    "Line",
    "NotAForm",
    "Part",
    "Step",
    "Stored",
    "TakenOver",
    "Upload",
    "answers_table",
    "changes",
    "fitting",
    "read",
]
