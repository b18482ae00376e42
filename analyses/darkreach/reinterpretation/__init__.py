"""Reinterpretation: models of users against published limits in mass and lifetime."""

from darkreach.reinterpretation.excluded_model import excluded_model, read_user_model
from darkreach.reinterpretation.model_script import ModelScript, read_model_script
from darkreach.reinterpretation.model_table import ModelTable, read_model_table
from darkreach.reinterpretation.user_model import UserModel

__all__ = [
    "ModelScript",
    "ModelTable",
    "UserModel",
    "excluded_model",
    "read_model_script",
    "read_model_table",
    "read_user_model",
]
