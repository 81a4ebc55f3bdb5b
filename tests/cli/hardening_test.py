"""The program as it is shipped is built hardened: what of that is missing in the file is named."""
import os
import re
import subprocess
import unittest

from goop import PROGRAM

ENDBR64 = b"\xf3\x0f\x1e\xfa"
PROBED_PAGE = b"\x48\x81\xec\x00\x10\x00\x00"  # sub rsp, 4096: a large frame is touched page by page


def readelf(*options):
    return subprocess.run(["readelf", "-W", *options, PROGRAM], capture_output=True, text=True,
                          check=True).stdout


def text_section():
    with open(PROGRAM, "rb") as program:
        content = program.read()
    row = re.search(r"\] \.text\s+PROGBITS\s+\S+ (\S+) (\S+)", readelf("-S"))
    start, size = (int(number, 16) for number in row.groups())
    return content[start:start + size]


class Hardening(unittest.TestCase):
    def test_it_may_lie_anywhere_in_memory(self):
        self.assertRegex(readelf("-h"), r"Type:\s+DYN")
        self.assertRegex(readelf("-d"), r"FLAGS_1\b.*\bPIE\b")

    def test_its_table_of_foreign_functions_is_read_only_once_it_runs(self):
        self.assertIn("GNU_RELRO", readelf("-l"))
        self.assertRegex(readelf("-d"), r"BIND_NOW|FLAGS_1\b.*\bNOW\b")

    def test_nothing_is_writable_and_executable(self):
        stack = re.search(r"GNU_STACK\s.*", readelf("-l"))[0]
        self.assertRegex(stack, r"\bRW\s+0x")
        for segment in re.findall(r"^\s+LOAD\s.*", readelf("-l"), re.M):
            self.assertNotRegex(segment, r"\bRWE\b")

    def test_an_overrun_of_the_stack_is_noticed(self):
        self.assertIn("__stack_chk_fail", readelf("--dyn-syms"))

    def test_calls_of_the_C_library_know_the_size_of_their_buffers(self):
        checked = set(re.findall(r"\b(__\w+_chk)\b", readelf("--dyn-syms")))
        self.assertTrue(checked, "no fortified function (_FORTIFY_SOURCE)")

    @unittest.skipUnless(os.uname().machine == "x86_64", "instructions of x86-64")
    def test_large_frames_cannot_jump_over_the_guard_page(self):
        self.assertIn(PROBED_PAGE, text_section(), "no probe (-fstack-clash-protection)")

    @unittest.skipUnless(os.uname().machine == "x86_64", "instructions of x86-64")
    def test_indirect_jumps_land_on_marked_places_alone(self):
        functions = len(re.findall(r"\bFUNC\b", readelf("--symbols")))
        self.assertGreater(text_section().count(ENDBR64), functions // 10,
                           "hardly any endbr64 (-fcf-protection=full)")

    def test_no_library_is_looked_for_in_the_folder_of_the_build(self):
        self.assertNotRegex(readelf("-d"), r"\b(RPATH|RUNPATH)\b")


if __name__ == "__main__":
    unittest.main()
