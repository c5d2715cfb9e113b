"""The three clients of the matrix: how each is run, and what its end means.

A client is run by its script in clients/, in a folder of its own. The words for its end:

    ok           it has a certificate
    reported     it was refused, and says which failInfo it was sent
    fail N       it failed with exit code N (certmonger: of `getcert request -w`)
    generic      pki: "not SUCCESS", and not why
    gave up      pki: still PENDING when its own patience ended
    waits 30 s   scepclient: PENDING; it sleeps 30 seconds before it asks again
    waits        certmonger: PENDING; it asks again after days
    panic        it crashed
    timeout      it was still waiting when the runner's patience ended
"""

import re
import subprocess

# pki 5.9.8 takes the lines of GetCACaps for bits of a mask: des3 needs the line AES
PKI_CAPS = "POSTPKIOperation,Renewal,SHA-512,SHA-256,SHA-1,DES3,AES"
POLL_SLEEP = "sleeping for 30 seconds"  # scepclient's own words
MESSAGE_MAX = 110
NAME = "host1"  # of the key, the certificate and the subject

FAIL_INFO = re.compile(r"failInfo:\s*(badAlg|badMessageCheck|badRequest|badTime|badCertID?)\b",
                       re.IGNORECASE)
FAIL_INFO_TEXTS = (  # certmonger's own words for the five
    "Unrecognized or unsupported algorithm identifier in client request.",
    "Integrity check of client request failed at server.",
    "Transaction either is not permitted or is not supported by server.",
    "Message time field was not sufficiently close to the system time.",
    "No certificate could be identified matching the provided criteria.",
)


class Client:
    """One client. `code` is None where the runner ended it, `text` all it printed."""

    name = ""
    programs = ()
    packages = ""
    patience = 10
    server_options = []
    command = []

    def version(self):
        raise NotImplementedError

    def outcome(self, code, text, has_certificate):
        if code is None:
            return "timeout"
        if code == 0:
            return "ok" if has_certificate else "fail 0"
        return f"fail {code}"

    def message(self, text):
        raise NotImplementedError

    def is_over(self, text):
        """Whether nothing worth waiting for can follow what it printed."""
        return False


class Scepclient(Client):
    name = "scepclient"
    programs = ("scepclient",)
    packages = "scep"
    command = ["enrol-scepclient", NAME]

    def version(self):
        return printed_by("scepclient", "-version")

    def outcome(self, code, text, has_certificate):
        if POLL_SLEEP in text and not has_certificate:
            return "waits 30 s"
        if re.search(r"^(panic|fatal error): ", text, re.MULTILINE):
            return "panic"
        if code == 1 and FAIL_INFO.search(text):
            return "reported"
        return super().outcome(code, text, has_certificate)

    def message(self, text):
        lines = text.splitlines()
        panics = [line for line in lines if line.startswith(("panic: ", "fatal error: "))]
        plain = [line for line in lines if line and not line.startswith("ts=")]
        logged = re.findall(r'^ts=.*?(?:pkiStatus=(\w+) )?msg="([^"]*)"', text, re.MULTILINE)
        if panics:
            return panics[0]
        if plain:  # the first: a page of HTML may follow
            return plain[0]
        return ": ".join(filter(None, logged[-1])) if logged else ""

    def is_over(self, text):
        return POLL_SLEEP in text


class Pki(Client):
    name = "pki"
    programs = ("pki", "openssl")
    packages = "strongswan-pki, libstrongswan-extra-plugins"
    patience = 13  # its libcurl gives up connecting after 10
    server_options = ["--caps", PKI_CAPS]
    command = ["enrol-pki", NAME, "--cipher", "des3", "--maxpolltime", "4"]

    def version(self):
        return re.sub(r"^strongSwan | PKI tool$", "", printed_by("pki", "--help"))

    def outcome(self, code, text, has_certificate):
        if code and FAIL_INFO.search(text):
            return "reported"
        if code and re.search(r"maximum poll time", text, re.IGNORECASE):
            return "gave up"
        if code and re.search(r"reply status is not 'SUCCESS'", text):
            return "generic"
        return super().outcome(code, text, has_certificate)

    def message(self, text):
        lines = [line.strip() for line in text.splitlines() if not is_noise_of_pki(line)]
        for line in reversed(lines):  # these say more than the last one
            if FAIL_INFO.search(line) or line.startswith("libcurl request failed"):
                return line
        return lines[-1] if lines else ""


class Certmonger(Client):
    name = "certmonger"
    programs = ("certmonger", "getcert", "dbus-run-session")
    packages = "certmonger, dbus-daemon"
    patience = 20
    command = ["enrol-certmonger", NAME]

    def version(self):
        return printed_by("certmonger", "-v").removeprefix("certmonger ")

    def outcome(self, code, text, has_certificate):
        if code == 2 and any(words in text for words in FAIL_INFO_TEXTS):
            return "reported"
        if code == 5:
            return "waits"
        return super().outcome(code, text, has_certificate)

    def message(self, text):
        status = re.findall(r"^\s*status: (\w+)", text, re.MULTILINE)
        error = re.findall(r"^\s*ca-error: (.*)", text, re.MULTILINE)
        words = ": ".join(status[-1:] + error[-1:])
        return words or (text.strip().splitlines() or [""])[-1]


CLIENTS = {client.name: client for client in (Scepclient(), Pki(), Certmonger())}


def is_noise_of_pki(line):
    return not line.strip() or "tpm" in line.lower() or line.startswith("enrol-pki:")


def printed_by(*command):
    """The first line that says something."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    lines = [line for line in (done.stdout + done.stderr).splitlines()
             if line.strip() and not is_noise_of_pki(line)]
    lines = [line for line in lines if "PKI tool" in line] or lines
    return lines[0].strip() if lines else "?"


def shortened(message):
    """The same for each run: no ports, no numbers of a run, one line."""
    for pattern, instead in (
            (r"(127\.0\.0\.1|localhost|\[::1\])(:| port )\d+", r"\1\2PORT"),
            (r"127\.0\.0\.1:PORT->", ""),
            (r"https?://[\w.:\[\]]*PORT/certsrv/mscep/mscep\.dll", "URL"),
            (r"message=[\w%+/=-]+", "message=..."),
            (r"\b[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){7,}\b", "..."),
            (r"\b[0-9A-Fa-f]{16,}\b", "..."),
            (r"\b\d{20,}\b", "..."),
            (r"/[\w./-]*/mockndes-matrix-[\w./-]*/", ""),
            (r"/tmp/[\w./-]*/", ""),
            (r"after \d+ (ms|milliseconds)", "after N ms"),
            (r"[A-Z][a-z]{2} \d{2} [\d:]{8} \d{4}", "DATE"),
            (r"\d{4}-\d{2}-\d{2}T[\d:]{8}Z", "DATE"),
            (r"<[^>]*>", " "),
            (r"[^\x20-\x7e]+", " "),
            (r"\s+", " "),
            (r",? msg: ?$", "")):
        message = re.sub(pattern, instead, message)
    message = message.strip()
    if len(message) > MESSAGE_MAX:
        message = message[:MESSAGE_MAX - 3].rstrip() + "..."
    return message
