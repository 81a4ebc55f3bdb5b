"""`goop2 peers`: the table, the JSON that scripts read, and the changes as they come."""
import json
import queue
import subprocess
import threading
import unittest

from goop import PATIENCE, PROGRAM, Case, Peer, clean_environment, goop2


class Watch:
    """A `goop2 peers --watch` beside the test; its lines come one by one."""

    def __init__(self, folder, *words):
        self.process = subprocess.Popen([PROGRAM, "peers", str(folder), "--watch", *words], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=clean_environment())
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stderr.close()

    def read(self):
        with self.process.stdout as lines:
            for line in lines:
                self.lines.put(line.rstrip("\n"))

    def until(self, wanted):
        """The first line that is wanted; lines before it are passed over."""
        while True:
            line = self.lines.get(timeout=PATIENCE)
            if wanted(line):
                return line


class Peers(Case):
    def folder(self, name, tag):
        """Peers with another tag than ours never see each other, whatever else runs here."""
        self.fine("init", self.root / name)
        self.fine("config", "set", self.root / name, "p2p.mdns_tag", f"goop-{self.root.name[-8:]}-{tag}")
        return self.root / name

    def test_who_is_not_running_sees_nobody(self):
        self.refused(1, "is not running.*goop2 peer", "peers", self.folder("ada", "alone"))
        done = goop2("peers", self.root / "ada", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)), (1, {"running": False}))

    def test_who_is_alone_is_told_how_not_to_be(self):
        with Peer(self.folder("ada", "alone")) as ada:
            self.assertIn("Nobody yet", self.fine("peers", ada.folder))
            self.assertEqual(json.loads(self.fine("peers", ada.folder, "--json")), {"running": True, "peers": []})

    def test_another_peer_comes_and_goes(self):
        with Peer(self.folder("ada", "a")) as ada, Watch(ada.folder) as watch, \
                Watch(ada.folder, "--json") as told:
            watch.until(lambda line: "Nobody yet" in line)
            self.assertEqual(json.loads(told.lines.get(timeout=PATIENCE)), {"running": True, "peers": []})
            with Peer(self.folder("kaj", "b"), "--connect", ada.address) as kaj:
                line = watch.until(lambda line: kaj.id in line)
                self.assertRegex(line, r"^\d\d:\d\d:\d\d  online   (kaj|-)  ")
                watch.until(lambda line: f"  kaj  {kaj.id}" in line)

                def is_signed(line):
                    said = json.loads(line)
                    return said["event"] == "peer" and said["peer"]["proof"] == "signature"
                peer = json.loads(told.until(is_signed))["peer"]
                self.assertEqual((peer["peerID"], peer["label"], peer["online"], peer["way"], peer["favorite"]),
                                 (kaj.id, "kaj", True, "direct", False))
                self.assertIn("connection", peer["knownBy"])

                heads, row = self.fine("peers", ada.folder).splitlines()
                self.assertRegex(heads, r"^  NAME +STATE +SEEN +PROOF +KNOWN BY +WAY +PEER$")
                self.assertRegex(row, rf"^  kaj +online +now +signed +.*connection.* +direct +{kaj.id}$")
                self.assertEqual(heads.index("PEER"), row.index(kaj.id))
                self.assertNotIn("\x1b", row)
                self.assertEqual(kaj.stop()[0], 0)
            watch.until(lambda line: "offline" in line and kaj.id in line)
            told.until(lambda line: not json.loads(line)["peer"]["online"])
            self.assertRegex(self.fine("peers", ada.folder).splitlines()[1], r"^  kaj +offline +\d+ s ago ")
            ada.stop()
            for each in (watch, told):
                self.assertEqual(each.process.wait(PATIENCE), 1)
                self.assertEqual(each.process.stderr.read(), f"goop2: {ada.folder} has stopped\n")
            told.until(lambda line: json.loads(line) == {"running": False})


if __name__ == "__main__":
    unittest.main()
