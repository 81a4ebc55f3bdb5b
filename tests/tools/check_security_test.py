#!/usr/bin/env python3
"""tools/check_security sees a promise without a test, and a test that is not there."""
import runpy
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
complaints = runpy.run_path(str(ROOT / "tools/check_security"))["complaints"]


def page(bullets):
    return f"# Security\n\n## Who attacks, and what holds\n\n### A site\n{bullets}\n## What stays\n- More.\n"


class CheckSecurity(unittest.TestCase):
    def found(self, bullets):
        return list(complaints(page(bullets), {"Guard.refuses"}, ROOT))

    def test_a_bullet_with_its_tests_is_fine(self):
        self.assertEqual([], self.found("- It holds,\n  always. (Test: `Guard.refuses`)\n"
                                        "- So does this. (Tests: `Guard.refuses`,\n"
                                        "  `tests/tools/check_security_test.py`)\n"
                                        "- *Can* see the port.\n"))

    def test_a_bullet_without_a_test_is_told(self):
        for bullet in ("- It holds.\n", "- It holds. (Test: )\n", "- (Test: `Guard.refuses`) It holds.\n",
                       "- It holds. (Test: `Guard.refuses`)\n- Not this.\n"):
            self.assertEqual(1, len(self.found(bullet)), bullet)

    def test_a_test_that_is_not_there_is_told(self):
        for name in ("Guard.accepts", "tests/e2e/none.mjs", "refuses"):
            self.assertIn(name, "".join(self.found(f"- It holds. (Test: `{name}`)\n")))

    def test_a_page_without_promises_is_told(self):
        self.assertEqual(1, len(list(complaints("# Security\n", set(), ROOT))))


if __name__ == "__main__":
    unittest.main()
