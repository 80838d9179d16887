"""Lets the shared comparison show its differences like a test of its own."""

import pytest

pytest.register_assert_rewrite("comparing")
