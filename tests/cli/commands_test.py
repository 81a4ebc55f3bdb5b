"""Commands that need no running peer: what they do, how they refuse, and their exit codes."""
import json
import re
import unittest
from concurrent.futures import ThreadPoolExecutor

from goop import Case, goop2


class Help(Case):
    def test_without_a_command_it_shows_the_help_and_ends_with_2(self):
        done = goop2()
        self.assertEqual(done.returncode, 2)
        for command in ("init", "peer", "id", "open", "status", "peers", "visit", "ping", "perf", "config",
                        "completion", "version"):
            self.assertRegex(done.stdout, rf"\n  {command} ")

    def test_every_command_explains_itself(self):
        for words in ([], ["init"], ["peer"], ["id"], ["open"], ["status"], ["peers"], ["visit"], ["ping"], ["perf"],
                      ["config"], ["config", "show"], ["config", "check"], ["config", "set"],
                      ["completion"], ["completion", "bash"], ["version"]):
            with self.subTest(words):
                self.assertIn("Usage:", self.fine(*words, "-h"))

    def test_what_makes_no_sense_ends_with_2_and_points_to_the_help(self):
        for words in (["nonsense"], ["peer"], ["peers"], ["peer", "a", "b"], ["id", "--nonsense", "a"], ["config"],
                      ["config", "set", "a", "key"], ["completion", "tcsh"], ["visit"], ["init"],
                      ["ping", "x", "-n", "many"]):
            with self.subTest(words):
                self.refused(2, "-h` says how", *words)

    def test_the_help_it_points_to_is_that_of_the_part_the_line_came_to(self):
        self.refused(2, "DIR is required\n`goop2 config show -h`", "config", "show")
        self.refused(2, "^goop2: there is no command nonsense\n`goop2 -h`", "nonsense")
        self.refused(2, "completion wants one of bash, zsh, fish, not tcsh\n`goop2 completion -h`", "completion", "tcsh")
        self.refused(2, "completion wants one of bash, zsh, fish\n", "completion")

    def test_an_empty_name_of_a_folder_or_file_is_wrong_use(self):
        for words in (["init", ""], ["peer", ""], ["rendezvous", ""], ["id", ""], ["open", ""], ["status", ""],
                      ["peers", ""], ["config", "show", ""], ["config", "set", "", "profile.label", "x"],
                      ["visit", "x", "--from", ""], ["visit", "x", "-o", ""], ["ping", "x", "--from", ""],
                      ["perf", "x", "--download", "1", "--from", ""]):
            with self.subTest(words):
                self.refused(2, "(DIR|--from|--output): is empty; name a folder", *words)

    def test_an_unknown_log_level_is_wrong_use(self):
        self.refused(2, "--log takes", "version", "--log", "loud")

    def test_version(self):
        self.assertRegex(self.fine("version"), r"^goop2 \d+\.\d+\.\d+\n$")
        self.assertEqual(self.fine("--version"), self.fine("version"))


class Init(Case):
    def test_makes_a_folder_that_is_a_peer_and_says_so_in_one_line(self):
        lines = self.fine("init", self.root / "ada").splitlines()
        self.assertEqual(lines[0],
                         f"created {self.root}/ada with goop.json, an identity and a starter site")
        self.assertRegex(lines[1], "^Peer: 12D3KooW")
        self.assertEqual(self.mode("ada/goop.json"), "0o600")
        self.assertEqual(self.mode("ada/data/identity.key"), "0o600")
        self.assertTrue((self.root / "ada/site/index.html").exists())

    def test_a_second_time_it_changes_nothing(self):
        first = self.fine("init", self.root / "ada").splitlines()
        (self.root / "ada/site/about.html").unlink()
        second = self.fine("init", self.root / "ada").splitlines()
        self.assertIn("complete already", second[0])
        self.assertEqual(first[1], second[1])
        self.assertFalse((self.root / "ada/site/about.html").exists())

    def test_a_new_peer_is_called_like_its_folder_and_its_site_says_so_escaped(self):
        self.fine("init", self.root / "Ada & <Co>")
        page = (self.root / "Ada & <Co>/site/index.html").read_text()
        self.assertIn("Hello, I am Ada &amp; &lt;Co&gt;.", page)
        self.assertNotIn("{{label}}", page)
        self.assertEqual(json.loads((self.root / "Ada & <Co>/goop.json").read_text())["profile"]["label"],
                         "Ada & <Co>")

    def test_the_site_takes_its_name_from_a_goop_json_that_is_there(self):
        (self.root / "x").mkdir()
        (self.root / "x/goop.json").write_text('{"profile": {"label": "Mira"}}')
        self.fine("init", self.root / "x")
        self.assertIn("I am Mira.", (self.root / "x/site/index.html").read_text())


class Id(Case):
    def test_says_the_id_alone(self):
        made = self.fine("init", self.root / "ada").splitlines()[1].split()[1]
        self.assertEqual(self.fine("id", self.root / "ada"), made + "\n")

    def test_as_json(self):
        self.fine("init", self.root / "ada")
        answer = json.loads(self.fine("id", self.root / "ada", "--json"))
        self.assertEqual(set(answer), {"peerID", "siteLabel"})
        self.assertRegex(answer["siteLabel"], "^k[0-9a-z]{61}$")

    def test_where_there_is_no_peer_it_says_how_to_make_one(self):
        self.refused(1, "there is no peer in .*goop2 init.*goop2 rendezvous", "id", self.root / "nobody")

    def test_a_corrupt_key_is_named_and_left_alone(self):
        self.fine("init", self.root / "ada")
        key = self.root / "ada/data/identity.key"
        key.write_bytes(b"rubbish")
        self.refused(1, "identity.key cannot be used: .*backup", "id", self.root / "ada")
        self.assertEqual(key.read_bytes(), b"rubbish")


class Config(Case):
    def setUp(self):
        super().setUp()
        self.fine("init", self.root / "ada")
        self.dir = self.root / "ada"

    def test_show_lists_every_key_and_where_its_value_is_from(self):
        self.assertIn('presence.ttl_seconds = 20\n', self.fine("config", "show", self.dir))
        shown = self.fine("config", "show", self.dir, "--origin")
        self.assertIn('presence.ttl_seconds = 20  (default)\n', shown)
        self.assertIn('profile.label = "ada"  (goop.json:3)\n', shown)

    def test_set_changes_one_value_and_keeps_the_rest(self):
        file = self.dir / "goop.json"
        file.write_text('{\n  "mine": [1, 2],\n  "profile": {"label": "x"}\n}\n')
        self.assertEqual(self.fine("config", "set", self.dir, "profile.label", "My Site"),
                         'profile.label = "My Site"\n')
        self.assertEqual(file.read_text(),
                         '{\n  "mine": [1, 2],\n  "profile": {"label": "My Site"}\n}\n')
        self.assertEqual(self.mode("ada/goop.json"), "0o600")

    def test_of_several_that_set_at_once_each_keeps_what_the_others_did(self):
        keys = ["profile.label", "profile.email", "p2p.listen_port", "p2p.mdns_tag", "presence.rendezvous_port",
                "presence.ttl_seconds"]
        for number in range(1000, 1005):
            with ThreadPoolExecutor(len(keys)) as pool:
                for done in pool.map(lambda key: goop2("config", "set", self.dir, key, f"{number}"), keys):
                    self.assertEqual(done.returncode, 0, done.stderr)
            shown = self.fine("config", "show", self.dir)
            self.assertEqual(len(re.findall(rf'^(?:{"|".join(keys)}) = "?{number}"?$', shown, re.M)), len(keys), shown)

    def test_set_says_what_waits_for_the_next_start(self):
        self.assertIn("next start", self.fine("config", "set", self.dir, "p2p.listen_port", "4001"))

    def test_set_says_what_has_no_effect_yet(self):
        self.assertIn("still to be built", self.fine("config", "set", self.dir, "lua.enabled", "true"))

    def test_set_refuses_what_breaks_a_rule(self):
        self.refused(1, "p2p.listen_port is 99999; allowed: .*65535", "config", "set", self.dir,
                     "p2p.listen_port", "99999")
        self.refused(1, "no key nonsense", "config", "set", self.dir, "nonsense", "1")
        self.refused(1, "http_addr", "config", "set", self.dir, "viewer.http_addr", "0.0.0.0:80")

    def test_a_site_that_would_give_the_identity_away_is_refused(self):
        self.refused(1, 'site_root is "."; allowed: a folder without the peer', "config", "set", self.dir,
                     "paths.site_root", ".")
        self.fine("config", "set", self.dir, "paths.site_root", self.dir)  # what only the disk tells
        self.refused(1, "every visitor could read it.*goop2 config set .* paths.site_root site", "peer", self.dir)

    def test_check_names_file_line_and_key(self):
        self.assertIn("is fine", self.fine("config", "check", self.dir))
        (self.dir / "goop.json").write_text(
            '{\n  "p2p": {"listen_port": "x"},\n  "presence": {"ttl_seconds": -1}, "odd": 1\n}')
        done = self.refused(1, r"goop.json:2:\d+: p2p.listen_port is .*goop.json:3:\d+: presence.ttl_sec",
                            "config", "check", self.dir)
        self.assertRegex(done.stdout, r"goop.json:3:\d+: odd is not a key")


class Perf(Case):
    def test_wants_an_address_and_something_to_measure(self):
        self.refused(2, "ADDRESS", "perf")
        self.refused(2, "nothing to measure", "perf",
                     "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEK24LhDk8Mxtb4uzvYjjtPH6YEKuUV1LQH4P8L2SCiEu")
        self.refused(2, "excludes", "perf", "--serve", "--download", "1M")

    def test_refuses_sizes_that_are_none(self):
        address = "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEK24LhDk8Mxtb4uzvYjjtPH6YEKuUV1LQH4P8L2SCiEu"
        for size in ("M", "1X", "1MB", "-1", "1.5G", "99999999999T"):
            with self.subTest(size):
                self.refused(2, "size|nothing", "perf", address, f"--download={size}")


class Addresses(Case):
    def test_a_bad_address_is_wrong_use(self):
        for command in ("visit", "ping", "perf"):
            with self.subTest(command):
                self.refused(2, "neither a peer id", command, "nonsense",
                             *(["--download", "1"] if command == "perf" else []))
        self.refused(2, "neither a peer id", "peer", self.root / "x", "--connect", "nonsense")
        self.assertFalse((self.root / "x").exists())


if __name__ == "__main__":
    unittest.main()
