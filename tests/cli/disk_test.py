"""A disk that is full or replaced, and a moment without descriptors: what a running peer makes of it."""
import ctypes
import json
import os
import resource
import shutil
import socket
import subprocess
import time
import unittest

from goop import Case, Peer, goop2, keep_apart
from peer_test import eventually

CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18
PATIENT = 40  # a task that failed may wait half a minute before it tries again


def label_of(peer):
    done = goop2("status", peer.folder, "--json")
    return json.loads(done.stdout).get("label")


def temporary_files(folder):
    return [str(path) for path in folder.rglob(".goop-*.tmp")]


class FullDisk(Case):
    """In a mount namespace of its own, with a disk of some megabytes."""

    @classmethod
    def setUpClass(cls):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNS) != 0:
            raise unittest.SkipTest("a disk of its own needs root: " + os.strerror(ctypes.get_errno()))
        libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)

    def setUp(self):
        super().setUp()
        self.disk = self.root / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "full", self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk])
        self.ada = self.disk / "ada"
        self.fine("init", self.ada)

    def fill(self):
        with open(self.disk / "filler", "wb", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while filler.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def says_full(self, *words, about=""):
        done = goop2(*words)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, rf"goop2: .*{about}.*: the disk is full; free some space on it")
        return done

    def make_room(self):
        (self.disk / "filler").unlink()

    def test_a_setting_that_cannot_be_written_is_named_and_the_old_file_stays(self):
        before = (self.ada / "goop.json").read_text()
        self.fill()
        self.says_full("config", "set", self.ada, "profile.label", "Mira", about="ada/goop.json")
        self.assertEqual((self.ada / "goop.json").read_text(), before)
        self.assertEqual(temporary_files(self.ada), [])
        self.make_room()
        self.fine("config", "set", self.ada, "profile.label", "Mira")

    def test_a_start_says_that_the_disk_is_full_and_not_that_the_database_is_damaged(self):
        with Peer(self.ada) as ada:
            self.assertEqual(ada.stop()[0], 0)
        database = (self.ada / "data.db").read_bytes()
        self.fill()
        done = self.says_full("peer", self.ada)
        self.assertNotIn("damaged", done.stderr)
        self.make_room()
        self.assertEqual((self.ada / "data.db").read_bytes(), database)
        self.assertEqual(temporary_files(self.ada), [])
        with Peer(self.ada) as ada:
            self.assertEqual(ada.stop()[0], 0)

    def test_a_first_start_on_a_full_disk_leaves_nothing_half_made(self):
        self.fill()
        new = self.disk / "ben"
        self.says_full("peer", new, about="ben/")
        self.make_room()
        self.assertEqual(temporary_files(self.disk), [])
        with Peer(new) as ben:
            self.assertEqual(ben.stop()[0], 0)

    def test_a_running_peer_outlives_a_full_disk(self):
        with Peer(self.ada) as ada:
            self.fill()
            time.sleep(6)  # it looks at its settings and says that it is here
            self.assertIsNone(ada.process.poll())
            self.assertEqual(label_of(ada), "ada")
            self.make_room()
            self.fine("config", "set", ada.folder, "profile.label", "Mira")
            eventually(lambda: label_of(ada) == "Mira", PATIENT)
            self.assertEqual(ada.stop()[0], 0)
        self.assertEqual(temporary_files(self.ada), [])


class Survives(Case):
    def test_a_control_file_that_cannot_be_written_is_said_and_written_when_it_can_be(self):
        self.fine("init", self.root / "ada")
        hindrance = self.root / "ada/data/control.json/in-the-way"
        hindrance.parent.mkdir(parents=True)
        hindrance.touch()
        with Peer(self.root / "ada") as ada:
            self.refused(1, "in use .*no command reaches the peer", "status", ada.folder)
            shutil.rmtree(hindrance.parent)
            eventually(lambda: label_of(ada) == "ada", PATIENT)
            code, _, log = ada.stop()
        self.assertEqual(code, 0)
        self.assertRegex(log, r"file\.failed .*data/control\.json .*goop2 status, open and other commands")
        self.assertFalse((self.root / "ada/data/control.json").exists())

    def test_a_moment_without_descriptors_ends_nothing_and_is_not_said_ten_times_a_second(self):
        with Peer(self.root / "ada") as ada:
            label_of(ada)
            pid = ada.process.pid
            hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
            used = len(os.listdir(f"/proc/{pid}/fd"))
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
            port = int(ada.address.split("/tcp/")[1].split("/")[0])
            waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
            time.sleep(4)  # longer than the peer waits between two looks at its settings
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
            for connection in waiting:
                connection.close()
            self.fine("config", "set", ada.folder, "profile.label", "later")
            eventually(lambda: label_of(ada) == "later", PATIENT)
            code, _, log = ada.stop()
        self.assertEqual(code, 0)
        self.assertLessEqual(log.count("accept.failed"), 2, log)
        self.assertNotIn("task.failed", log)

    def test_a_replaced_site_folder_is_what_visitors_get(self):
        with Peer(self.root / "ada") as ada:
            read = lambda: goop2("visit", ada.address, "index.html").stdout
            site = ada.folder / "site"
            self.assertIn("<", read())
            site.rename(ada.folder / "before")
            site.mkdir()
            (site / "index.html").write_text("NEW")
            self.assertEqual(read(), "NEW")
            shutil.rmtree(ada.folder / "before")
            self.assertEqual(read(), "NEW")
            shutil.rmtree(site)
            site.mkdir()
            (site / "index.html").write_text("NEWER")
            self.assertEqual(read(), "NEWER")

    def test_settings_that_others_may_read_are_closed_at_the_start_and_that_is_said(self):
        keep_apart(self.root / "ada")  # which writes the file
        config = self.root / "ada/goop.json"
        config.chmod(0o644)
        with Peer(self.root / "ada") as ada:
            _, _, log = ada.stop()
        self.assertEqual(self.mode("ada/goop.json"), oct(0o600))
        self.assertRegex(log, r"config\.mended .*goop\.json could be read by others \(mode 644\)")
        with Peer(self.root / "ada") as ada:
            self.assertNotIn("config.mended", ada.stop()[2])

    def test_no_setting_takes_control_characters(self):
        self.fine("init", self.root / "ada")
        for value in ("a\nb", "\x1b[31mred", "a\x7f", "a\u0085b"):
            self.refused(1, "profile.label takes no control characters", "config", "set",
                         self.root / "ada", "profile.label", value)
        self.refused(1, "takes no control characters", "config", "set", self.root / "ada",
                     "presence.trusted_proxies", '["10.0.0.0/8\\u001b"]')


if __name__ == "__main__":
    unittest.main()
