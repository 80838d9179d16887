"""Lets the shared table comparison show its differences like a test of its own."""

import pytest

pytest.register_assert_rewrite("timeline")
