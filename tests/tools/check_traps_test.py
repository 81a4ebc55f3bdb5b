#!/usr/bin/env python3
"""tools/check_traps finds each kind of planted trap, and nothing in clean code."""
import runpy
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools/check_traps"
check_text = runpy.run_path(str(TOOL))["check_text"]


class CheckTraps(unittest.TestCase):
    def assert_found(self, codes, expected):
        for code in codes:
            with self.subTest(code):
                found = list(check_text("\n" + code + "\n"))
                self.assertEqual([2], [line for line, _ in found])
                self.assertIn(expected, found[0][1])

    def assert_clean(self, codes):
        for code in codes:
            with self.subTest(code):
                self.assertEqual([], list(check_text(code)))

    def test_the_script_walks_the_tree_and_fails_on_a_trap(self):
        with tempfile.TemporaryDirectory() as root:
            path = Path(root, "src/net/a.cpp")
            path.parent.mkdir(parents=True)
            for text, code in (("co_await f();\n", 0), ("if (co_await f()) g();\n", 1)):
                path.write_text(text)
                done = subprocess.run([TOOL, root], capture_output=True, text=True, check=False)
                self.assertEqual(code, done.returncode)
                self.assertEqual(code, done.stdout.count("src/net/a.cpp:1:"))

    def test_a_wait_is_no_condition(self):
        self.assert_found(["if (co_await f()) g();", "if (!co_await f(x)) co_return;",
                           "if (co_await f() == Wake::deadline) break;", "while (co_await f()) {}",
                           "while (!(co_await f()).empty()) {}", "do {} while (co_await f());",
                           "switch (co_await f()) {}", "for (; co_await f();) {}",
                           "if (const auto x = g(); co_await f(x)) h();",
                           "if (ready &&\n    co_await f()) h();"], "name its result")

    def test_a_wait_that_is_named_may_be_judged(self):
        self.assert_clean(["const bool more = co_await f();\nif (!more) co_return;",
                           "if (auto x = co_await f()) g();",
                           "if (auto* x = co_await f(); !x) g();",
                           "while (const auto x = co_await f()) g();",
                           "for (auto x = co_await f(); x; x = co_await f()) g();"])

    def test_a_wait_behind_a_condition_is_none(self):
        self.assert_clean(["if (x) co_await f();", "while (busy_) co_await f();",
                           "for (auto& x : all) { co_await f(x); }", "// if (co_await f())\n"])

    def test_no_temporary_with_members_in_an_operand(self):
        self.assert_found(["co_await f(Error{code, text});", "co_await f({.role = x});",
                           "auto y = co_await f(a, std::vector{Options<int>{x}});",
                           "co_await run([x] { g(x); });", "co_await run(a, [this] { g(); });"],
                          "a temporary in the operand")
        self.assert_clean(["co_await stream->write({&part, 1});", "co_await f(Deadline{next});",
                           "co_await f(parts[0]);",
                           "Error error{code};\nco_await f(std::move(error));",
                           "co_await f();\nOptions options{x};"])

    def test_a_range_is_not_a_part_of_a_temporary(self):
        self.assert_found(["for (auto& x : f().value()) g(x);", "for (auto& x : *a.f(b)) g(x);",
                           "for (auto& [x, y] : a::f(b, c).error()) g(x);"], "range-for")
        self.assert_clean(["for (auto& x : f()) g(x);", "for (auto& x : *found) g(x);",
                           "for (auto& x : planned.value()) g(x);",
                           "for (auto& x : a.b().all()) g(x);"])


unittest.main()
