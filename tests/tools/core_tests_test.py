#!/usr/bin/env python3
"""Sanitizer builds test every module below src/ that has tests."""
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1) if len(sys.argv) > 1 else ROOT / "build/release")


def module_of(test):
    """The nearest folder that declares a module."""
    return next(folder for folder in test.parents if (folder / "CMakeLists.txt").exists())


class CoreTests(unittest.TestCase):
    def test_every_module_with_tests_is_in(self):
        listed = set(re.findall(r'"(.*)"', (BUILD / "core/CTestTestfile.cmake").read_text()))
        modules = {module_of(test) for test in (ROOT / "src").rglob("*_test.cpp")}
        self.assertGreater(len(modules), 30)
        names = {str(folder.relative_to(ROOT)) for folder in modules}
        self.assertEqual(set(), {name for name in names if str(BUILD / name) not in listed})


if __name__ == "__main__":
    unittest.main()
