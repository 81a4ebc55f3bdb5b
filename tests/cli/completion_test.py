"""The completion scripts: each shell takes its own, and bash completes with it."""
import shutil
import subprocess
import unittest

from goop import Case


class Completion(Case):
    def script(self, shell):
        file = self.root / f"goop2.{shell}"
        file.write_text(self.fine("completion", shell))
        return file

    def test_every_command_is_in_every_script(self):
        for shell in ("bash", "zsh", "fish"):
            text = self.script(shell).read_text()
            for word in ("init", "peer", "visit", "config", "show", "check", "set", "connect", "json"):
                self.assertIn(word, text)

    def test_the_shells_that_are_here_can_read_them(self):
        for shell in ("bash", "zsh", "fish"):
            if shutil.which(shell):
                with self.subTest(shell):
                    subprocess.run([shell, "-n", self.script(shell)], check=True, timeout=20)

    def complete(self, *words):
        """What bash offers for the last word of a line."""
        line = " ".join(f"'{word}'" for word in words)
        script = (f"source {self.script('bash')}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
                  '_goop2; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True, timeout=20)
        return done.stdout.split()

    def test_bash_offers_commands_options_and_parts(self):
        self.assertEqual(self.complete("goop2", "vi"), ["visit"])
        self.assertEqual(self.complete("goop2", "peer", "--co"), ["--connect"])
        self.assertEqual(sorted(self.complete("goop2", "completion", "")), ["bash", "fish", "zsh"])
        self.assertEqual(self.complete("goop2", "config", "sh"), ["show"])
        self.assertEqual(self.complete("goop2", "config", "show", "x"), [])  # names of folders follow


if __name__ == "__main__":
    unittest.main()
