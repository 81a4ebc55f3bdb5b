"""The completion scripts: each shell takes its own, and completes with it."""
import os
import pty
import select
import shutil
import subprocess
import time
import unittest

from goop import PATIENCE, Case, clean_environment


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

    def fish(self, line):
        """What fish offers at the end of a line, without the descriptions."""
        ask = f"source {self.script('fish')}; complete -C '{line}'"
        done = subprocess.run(["fish", "--no-config", "-c", ask], check=True, capture_output=True, text=True,
                              cwd=self.root, timeout=PATIENCE)
        return [offer.split("\t")[0] for offer in done.stdout.splitlines()]

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_commands_options_and_parts(self):
        self.assertEqual(self.fish("goop2 vi"), ["visit"])
        self.assertEqual(self.fish("goop2 --log debug vi"), ["visit"])
        self.assertEqual(self.fish("goop2 peer --co"), ["--connect"])
        self.assertEqual(self.fish("goop2 completion "), ["bash", "fish", "zsh"])
        self.assertEqual(self.fish("goop2 config show "), ["goop2.fish"])  # names of folders follow
        self.assertEqual(self.fish("goop2 status --json g"), ["goop2.fish"])
        self.assertNotIn("goop2.fish", self.fish("goop2 perf --json --"))

    def zsh(self, line, wanted):
        """Types a line and the tabulator key; what is `wanted` must then be on the screen."""
        (self.root / ".zshrc").write_text("PS1='ready> '; unsetopt prompt_sp beep; autoload -Uz compinit; "
                                          f"compinit -u -D; source {self.script('zsh')}\n")
        env = clean_environment(ZDOTDIR=str(self.root), TERM="dumb", COLUMNS="200")
        ours, theirs = pty.openpty()
        with subprocess.Popen(["zsh", "-d", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, env=env,
                              cwd=self.root, start_new_session=True) as process:
            os.close(theirs)
            try:
                self.read_until(ours, "ready> ")
                os.write(ours, f"{line}\t".encode())
                self.read_until(ours, wanted)
            finally:
                process.kill()
                os.close(ours)

    def read_until(self, terminal, wanted):
        said, end = "", time.monotonic() + PATIENCE
        while wanted not in said:
            ready, _, _ = select.select([terminal], [], [], end - time.monotonic())
            self.assertTrue(ready, f"no {wanted!r} in {said!r}")
            said += os.read(terminal, 4096).decode(errors="replace")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_offers_commands_options_and_parts(self):
        self.zsh("goop2 vi", "goop2 visit ")
        self.zsh("goop2 --log debug vi", "goop2 --log debug visit ")
        self.zsh("goop2 peer --co", "goop2 peer --connect ")
        self.zsh("goop2 completion ", "bash  -- For bash")
        self.zsh("goop2 config sh", "goop2 config show ")
        self.zsh("goop2 status --json g", "goop2 status --json goop2.zsh ")


if __name__ == "__main__":
    unittest.main()
