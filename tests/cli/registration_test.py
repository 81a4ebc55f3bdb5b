"""Registration as people and mail servers see it: a real SMTP server, a real webhook, real peers."""
import email
import email.policy
import http.server
import json
import logging
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from goop import PATIENCE, Case, Peer, clean_environment, goop2
from rendezvous_test import Rendezvous, free_port

USER, PASSWORD = "goop@example.org", "correct horse"
TLS_ADDRESS = "127.0.0.77"  # with a port 465 of its own
KEYS = Path()


def setUpModule():
    """A root, and a mail server's certificate that it has signed."""
    global KEYS
    logging.disable()  # aiosmtpd logs what its clients do wrong, which is what they are here for
    KEYS = Path(tempfile.mkdtemp(prefix="goop2-keys-"))
    names = f"subjectAltName=DNS:localhost,DNS:mail.localhost,IP:127.0.0.1,IP:{TLS_ADDRESS}"
    (KEYS / "names").write_text(names)
    for words in (
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=Root"
            " -addext basicConstraints=critical,CA:TRUE -keyout root.key -out root.pem",
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mail"
            " -keyout mail.key -out mail.csr",
            "x509 -req -in mail.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2"
            " -extfile names -out mail.pem"):
        subprocess.run(["openssl", *words.split()], cwd=KEYS, check=True, capture_output=True)


def tearDownModule():
    shutil.rmtree(KEYS)


def server_tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(KEYS / "mail.pem", KEYS / "mail.key")
    return context


def eventually(what, seconds=PATIENCE):
    """The first true value of what()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("it did not happen")


class MailServer:
    """aiosmtpd; `how`: starttls, tls or clear. Use it in a `with`."""

    def __init__(self, how="starttls", password=PASSWORD, refuse=None):
        self.how, self.password, self.refuse = how, password, refuse
        self.mails, self.logins, self.secured = [], [], []
        self.host = TLS_ADDRESS if how == "tls" else "127.0.0.1"
        self.port = 465 if how == "tls" else free_port()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.secured.append(session.ssl is not None or self.how == "tls")
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, mail))
        return "250 OK"

    def log_in(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.logins[-1] == (USER, self.password), handled=False)

    def factory(self):
        starttls = server_tls() if self.how == "starttls" else None
        return SMTP(self, authenticator=self.log_in, auth_required=True, tls_context=starttls,
                    auth_require_tls=self.how == "starttls")

    def __enter__(self):
        outer = self

        class Own(Controller):
            def factory(self):
                return outer.factory()

        tls = server_tls() if self.how == "tls" else None
        self.controller = Own(self, hostname=self.host, port=self.port, ssl_context=tls,
                              ready_timeout=PATIENCE)
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    def settings(self, **more):
        return {"smtp_host": self.host, "smtp_port": self.port, "smtp_username": USER,
                "smtp_password": PASSWORD, "smtp_from": "Goop of Ann <goop@example.org>"} | more

    def next(self, number=1):
        return eventually(lambda: len(self.mails) >= number and self.mails[number - 1])


class Webhook:
    def __init__(self, status=200):
        self.told = told = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.append((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Town(Rendezvous):
    """A server that registers, and what is done to it with a browser."""

    def ask(self, path, form=None, **fields):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.url + path, data=data, headers=fields)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode(), refused.headers

    def register(self, address, **fields):
        return self.ask("/register", {"email": address}, **fields)

    def registrations(self):
        return {row["email"]: row for row in json.loads(self.get("/registrations.json", "admin"))}

    def labels(self):
        return {row["content"]: row for row in json.loads(self.get("/peers.json", "admin"))}

    def end(self):
        """What it said from its start on."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=PATIENCE)
        return out, err


class RegistrationCase(Case):
    def setUp(self):
        super().setUp()
        self.folder, self.port = self.root / "town", free_port()

    def town(self, trust=True, **presence):
        self.folder.mkdir(exist_ok=True)
        (self.folder / "goop.json").write_text(json.dumps({"presence": {
            "rendezvous_port": self.port, "peer_db_path": "peers.db", "admin_password": "admin",
            "registration_required": True} | presence}))
        env = clean_environment(**({"SSL_CERT_FILE": str(KEYS / "root.pem")} if trust else {}))
        return Town(self.folder, self.port, env=env)

    def parts(self, mail):
        text, html = mail.iter_parts()
        self.assertEqual((text.get_content_type(), html.get_content_type()),
                         ("text/plain", "text/html"))
        return text.get_content(), html.get_content()

    def link_in(self, text):
        return re.search(r"http://\S+/verify\?token=\S+", text)[0]

    def token_of(self, link):
        return urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["token"][0]

    def press_the_button(self, town, page):
        """Sends the form of the page, as a browser does."""
        self.assertIn('<form method="post" action="/verify">', page)
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        return town.ask("/verify", {"token": token}, Origin=town.url)


class ByMail(RegistrationCase):
    def registered(self, server, **presence):
        """The whole way: the form, the mail, the link, the button. Gives the mail."""
        with Webhook() as hook, self.town(**server.settings(), registration_webhook=hook.url,
                                          **presence) as town:
            self.assertIn("registration", json.loads(town.get("/api/capabilities")))
            self.assertTrue(json.loads(town.get("/api/capabilities"))["registration"])
            status, page, headers = town.ask("/register")
            self.assertEqual(status, 200)
            self.assertIn('<form method="post" action="/register"', page)
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
            status, page, _ = town.register(" Ann@Example.org")
            self.assertEqual(status, 200)
            self.assertIn("ann@example.org", page)

            sender, recipients, mail = server.next()
            self.assertEqual((sender, recipients), ("goop@example.org", ["ann@example.org"]))
            self.assertEqual(str(mail["From"]), "Goop of Ann <goop@example.org>")
            text, html = self.parts(mail)
            link = self.link_in(text)
            self.assertTrue(link.startswith(town.url + "/verify?token="), link)
            self.assertIn(f'href="{link}"', html)
            token = self.token_of(link)
            self.assertEqual(len(token), 44)
            self.assertIn(token, text.replace(link, ""))
            self.assertIn(token, html)

            # What only looks at links (a mail scanner) confirms nothing.
            for _ in range(2):
                status, page, _ = town.ask(link.removeprefix(town.url))
                self.assertEqual(status, 200)
            self.assertEqual(town.registrations()["ann@example.org"]["verified_at"], 0)
            self.assertEqual(hook.told, [])

            status, page, _ = self.press_the_button(town, page)
            self.assertEqual(status, 200)
            self.assertIn(token, page)
            row = town.registrations()["ann@example.org"]
            self.assertGreater(row["verified_at"], row["created_at"] - 1)
            self.assertEqual(set(row), {"email", "created_at", "verified_at", "metadata"})
            told = eventually(lambda: hook.told)
            self.assertEqual(told, [("/hook", "application/json", {
                "email": "ann@example.org", "verified_at": row["verified_at"]})])
            _, err = town.end()
            self.assertNotIn(token, err)
            self.assertNotIn(PASSWORD, err)
        return mail

    def test_with_STARTTLS_and_a_login(self):
        with MailServer("starttls") as server:
            self.registered(server)
            self.assertEqual((server.secured, server.logins), ([True], [(USER, PASSWORD)]))

    def test_with_TLS_from_the_start(self):
        with socket.socket() as probe:
            try:
                probe.bind((TLS_ADDRESS, 465))
            except OSError as refused:
                self.skipTest(f"port 465: {refused}")
        with MailServer("tls") as server:
            self.registered(server)
            self.assertEqual((server.secured, server.logins), ([True], [(USER, PASSWORD)]))

    def test_in_clear_on_this_machine_only(self):
        with MailServer("clear") as server:
            self.registered(server)
            self.assertEqual(server.secured, [False])

    def test_in_dutch_for_who_reads_dutch(self):
        with MailServer() as server, self.town(**server.settings()) as town:
            _, page, _ = town.register("ann@example.org", **{"Accept-Language": "nl-BE,nl;q=0.9"})
            self.assertIn('lang="nl"', page)
            _, _, mail = server.next()
            self.assertIn("24 uur", self.parts(mail)[0])

    def test_one_mail_a_minute_and_the_answer_tells_nothing(self):
        with MailServer() as server, self.town(**server.settings()) as town:
            first = town.register("ann@example.org")
            server.next()
            again = town.register("ANN@example.org")
            self.assertEqual(again[:2], first[:2])
            # Known and verified, or never heard of: the same page.
            page = town.ask(self.link_in(self.parts(server.next()[2])[0]).removeprefix(town.url))[1]
            self.press_the_button(town, page)
            known = town.register("ann@example.org")
            unknown = town.register("bob@example.org")
            self.assertEqual(known[1].replace("ann@", "bob@"), unknown[1])
            server.next(2)
            time.sleep(0.3)
            self.assertEqual([to for _, (to,), _ in server.mails],
                             ["ann@example.org", "bob@example.org"])

    def test_a_client_gets_five_an_hour(self):
        with MailServer() as server, self.town(**server.settings()) as town:
            for number in range(5):
                self.assertEqual(town.register(f"p{number}@example.org")[0], 200)
            status, page, headers = town.register("p5@example.org")
            self.assertEqual(status, 429)
            self.assertIn("problem", page)
            self.assertAlmostEqual(int(headers["Retry-After"]), 720, delta=20)


class WithoutLuck(RegistrationCase):
    def log_of(self, event, server=None, trust=True, **presence):
        """Registers, waits for the line of the log with `event`, and gives it."""
        with self.town(trust=trust, **presence) as town:
            self.assertEqual(town.register("ann@example.org")[0], 200)
            lines = []
            for line in town.process.stderr:
                lines.append(line)
                if event in line:
                    return line
        raise AssertionError("".join(lines))

    def test_a_mail_server_that_is_down_is_tried_again(self):
        line = self.log_of("mail.failed", smtp_host="127.0.0.1", smtp_port=free_port(),
                           smtp_username=USER, smtp_password=PASSWORD)
        self.assertIn("unreachable", line)
        self.assertIn("again_in_seconds=30", line)

    def test_no_password_in_clear_to_another_machine(self):
        with MailServer("clear") as server:
            line = self.log_of("mail.given_up", **server.settings(smtp_host="mail.localhost"))
            self.assertIn("STARTTLS", line)
            self.assertEqual((server.logins, server.mails), ([], []))

    def test_no_password_for_who_cannot_prove_its_name(self):
        with MailServer("starttls") as server:
            line = self.log_of("mail.given_up", trust=False, **server.settings())
            self.assertIn("unverified", line)
            self.assertRegex(line, "certificate")
            self.assertEqual((server.logins, server.mails), ([], []))

    def test_a_wrong_password_is_named(self):
        with MailServer("starttls", password="another") as server:
            line = self.log_of("mail.given_up", **server.settings())
            self.assertIn("forbidden", line)
            self.assertIn("535", line)
            self.assertNotIn(PASSWORD, line)

    def test_what_the_mail_server_says_is_in_the_log(self):
        with MailServer("starttls", refuse="550 5.1.1 nobody of that name") as server:
            line = self.log_of("mail.given_up", **server.settings())
            self.assertIn("550 5.1.1 nobody of that name", line)

    def test_a_webhook_that_fails_is_in_the_log(self):
        with Webhook(status=500) as hook, self.town(registration_webhook=hook.url) as town:
            town.register("ann@example.org")
            link = self.link_on_console(town)
            self.press_the_button(town, town.ask(link.removeprefix(town.url))[1])
            eventually(lambda: hook.told)
            _, err = town.end()
            self.assertRegex(err, "webhook.refused .*status=500")

    def link_on_console(self, town):
        for line in town.process.stdout:
            found = re.search(r"http://\S+/verify\?token=\S+", line)
            if found:
                return found[0]
        raise AssertionError("no link")

    def test_without_a_mail_server_the_link_is_on_the_console(self):
        with self.town() as town:
            self.assertIn("ann@example.org", town.register("ann@example.org")[1])
            link = self.link_on_console(town)
            status, page, _ = town.ask(link.removeprefix(town.url))
            self.assertEqual(self.press_the_button(town, page)[0], 200)
            self.assertNotIn(self.token_of(link), "".join(json.loads(town.get("/logs.json", "admin"))))

    def test_links_that_do_not_hold(self):
        with self.town() as town:
            for path in ("/verify", "/verify?token=", "/verify?token=x", "/verify?token=%00"):
                self.assertEqual(town.ask(path)[0], 400, path)
            self.assertEqual(town.ask("/verify", {"token": "x"})[0], 400)
            self.assertEqual(town.ask("/verify", {})[0], 400)
            town.register("ann@example.org")
            link = self.link_on_console(town).removeprefix(town.url)
            self.assertEqual(town.ask(link)[0], 200)
            town.end()
        with sqlite3.connect(self.folder / "peers.db") as database:
            database.execute("UPDATE registrations SET created_at = created_at - 86400000")
        with self.town() as town:
            self.assertEqual(town.ask(link)[0], 400)
            self.assertEqual(town.ask("/verify", {"token": self.token_of(link)})[0], 400)

    def test_what_is_no_address_or_comes_from_elsewhere_is_refused(self):
        with self.town() as town:
            for bad in ("", "ann", "ann@", "a@b.org\r\nBcc: eve@example.org", "<script>@x.org"):
                status, page, _ = town.register(bad)
                self.assertEqual(status, 400, bad)
                self.assertNotIn("<script>@", page)
            self.assertEqual(town.ask("/register", {"other": "x"})[0], 400)
            self.assertEqual(town.register("a@b.org", Origin="https://evil.example")[0], 403)
            self.assertEqual(town.register("a@b.org", **{"Content-Type": "text/plain"})[0], 415)
            self.assertEqual(town.ask("/register", {"email": "x" * 20000})[0], 413)
            self.assertEqual(town.registrations(), {})

    def test_a_server_that_does_not_register_says_so(self):
        with self.town(registration_required=False) as town:
            self.assertFalse(json.loads(town.get("/api/capabilities"))["registration"])
            for path in ("/register", "/verify?token=x"):
                self.assertEqual(town.ask(path)[0], 404)
            self.assertEqual(town.registrations(), {})

    def test_a_mail_server_without_a_sender_is_named_at_the_start(self):
        for more in ({}, {"smtp_username": "apikey", "smtp_password": PASSWORD}):
            self.town(smtp_host="mail.example.org", **more)
            done = goop2("rendezvous", self.folder)
            self.assertEqual(done.returncode, 1)
            self.assertIn("goop2: presence.smtp_from", done.stderr)

    def test_half_a_login_sends_no_mail_and_says_so(self):
        with self.town(smtp_host="mail.example.org", smtp_username=USER) as town:
            town.register("ann@example.org")
            self.assertIn("/verify?token=", self.link_on_console(town))
            _, err = town.end()
            self.assertRegex(err, "registration.no_mail missing=presence.smtp_password")


class Peers(RegistrationCase):
    def peer(self, name, **profile):
        folder = self.root / name
        folder.mkdir()
        (folder / "goop.json").write_text(json.dumps({
            "p2p": {"mdns_tag": f"goop-{name}-{self.port}"},
            "presence": {"rendezvous_wan": f"http://127.0.0.1:{self.port}"},
            "profile": {"label": name} | profile}))
        return Peer(folder)

    def names_at(self, peer):
        done = goop2("peers", peer.folder, "--json")
        return {row["label"] for row in json.loads(done.stdout)["peers"]}

    def test_who_has_registered_is_seen_and_who_has_not_is_not(self):
        with MailServer() as server, self.town(**server.settings()) as town:
            with self.peer("Ann") as ann, self.peer("Bob", email="bob@example.org") as bob:
                town.register("ann@example.org")
                link = self.link_in(self.parts(server.next()[2])[0])
                token = self.token_of(link)
                status = eventually(
                    lambda: self.url_in_status(ann, town.url + "/register"))
                self.assertIn("not shown", status)
                self.assertEqual(town.labels(), {})
                self.assertEqual((self.names_at(ann), self.names_at(bob)), (set(), set()))

                # The token before its address is confirmed is worth nothing.
                goop2("config", "set", ann.folder, "profile.email", "ann@example.org")
                goop2("config", "set", ann.folder, "profile.verification_token", token)
                time.sleep(1)
                self.assertEqual(town.labels(), {})
                page = town.ask(link.removeprefix(town.url))[1]
                self.assertEqual(self.press_the_button(town, page)[0], 200)

                row = eventually(lambda: town.labels().get("Ann"))
                self.assertTrue(row["verified"])
                self.assertNotIn("email", row)  # told to the server alone
                eventually(lambda: "Ann" in self.names_at(bob))

                # Bob has Ann's token, and his own address.
                goop2("config", "set", bob.folder, "profile.verification_token", token)
                time.sleep(1)
                self.assertEqual(set(town.labels()), {"Ann"})  # Ann knows him: he has connected
                ann.stop()
                eventually(lambda: not town.labels())
            _, err = town.end()
            self.assertNotIn(token, err)

    def url_in_status(self, peer, url):
        out = goop2("status", peer.folder).stdout
        return out if url in out else None


if __name__ == "__main__":
    unittest.main(warnings="ignore")
