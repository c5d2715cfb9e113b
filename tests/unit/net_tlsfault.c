#include "net/tlsfault.h"

#include "certs/issue.h"
#include "support/tls_rig.h"
#include <criterion/new/assert.h>
#include <dirent.h>
#include <malloc.h>

#define COUNT(table)  (sizeof(table) / sizeof((table)[0]))
#define DAY_S         86400
#define HANDSHAKES    100
#define MEMORY_SPREAD 16384 /* that of the libraries' own caches */

static const struct cert_case {
	const char *word;
	long verdict;
	int digest;
	int bits;
	bool is_sound_to_the_lax;
} cert_cases[] = {
    {"expired", X509_V_ERR_CERT_HAS_EXPIRED, NID_sha256, 256},
    {"not-yet-valid", X509_V_ERR_CERT_NOT_YET_VALID, NID_sha256, 256},
    {"wrong-name", X509_V_ERR_HOSTNAME_MISMATCH, NID_sha256, 256},
    {"self-signed", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, NID_sha256, 256},
    {"unknown-issuer", X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, NID_sha256, 256},
    {"incomplete-chain", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, NID_sha256, 256},
    {"reversed-chain", X509_V_OK, NID_sha256, 256, true},
    {"sha1", X509_V_ERR_CA_MD_TOO_WEAK, NID_sha1, 256, true},
    {"weak-key", X509_V_ERR_EE_KEY_TOO_SMALL, NID_sha256, 1024, true},
};

static void
expect_case(struct fault_rig *fault, const struct cert_case *row, const char *name)
{
	struct seen seen = knock_at(fault, (struct knock){.name = name});
	bool is_sound = row->verdict == X509_V_OK;

	cr_expect(seen.verdict == row->verdict, "%s: %s", name,
	    X509_verify_cert_error_string(seen.verdict));
	cr_expect(seen.is_shaken == is_sound, "%s", name);
	cr_expect(seen.end == (is_sound ? END_OPEN : END_REFUSED), "%s: %d", name,
	    (int)seen.end);
	buf_clear(&seen.got);
	if (!row->is_sound_to_the_lax)
		return;
	seen = knock_at(fault, (struct knock){.name = name, .is_lax = true});
	cr_expect(seen.is_shaken && slice_is(buf_slice(&seen.got), RIG_TEXT), "%s", name);
	cr_expect(seen.digest == row->digest && seen.bits == row->bits, "%s: %d, %d bits",
	    name, seen.digest, seen.bits);
	buf_clear(&seen.got);
}

Test(tlsfault, each_faulty_certificate_has_its_one_fault_by_name, .timeout = 20)
{
	struct fault_rig fault;
	char name[TLS_FAULT_NAME_SIZE];

	open_rig(&fault, NULL);
	expect_healthy(&fault, "before");
	for (size_t i = 0; i < COUNT(cert_cases); i++) {
		fault.rig.flow.tls_word = NULL;
		expect_case(&fault, &cert_cases[i], sni_of(cert_cases[i].word, name));
		cr_expect(fault.rig.flow.tls_word != NULL &&
		          strcmp(fault.rig.flow.tls_word, cert_cases[i].word) == 0);
		expect_healthy(&fault, cert_cases[i].word);
	}
	close_rig(&fault);
}

Test(tlsfault, a_door_of_its_own_has_the_fault_for_every_name, .timeout = 20)
{
	for (size_t i = 0; i < COUNT(cert_cases); i++) {
		struct fault_rig fault;

		open_rig(&fault, cert_cases[i].word);
		expect_case(&fault, &cert_cases[i], "localhost");
		cr_expect(fault.rig.flow.tls_word == NULL, "the door has it of itself");
		cr_expect(fault.rig.flow.asked > 0, "the door asks");
		close_rig(&fault);
	}
}

static const struct {
	const char *word;
	struct knock knock;
	enum ending end;
	int alert;
} failures[] = {
    {"alert", {.version = 0}, END_ALERT, SSL_AD_HANDSHAKE_FAILURE},
    {"close-after-hello", {.version = 0}, END_CUT, ALERT_NONE},
    {"close-after-hello", {.version = TLS1_2_VERSION}, END_CUT, ALERT_NONE},
    {"reset-after-hello", {.version = 0}, END_RESET, ALERT_NONE},
    {"reset-after-hello", {.version = TLS1_2_VERSION}, END_RESET, ALERT_NONE},
    {"old-protocol", {.version = 0}, END_ALERT, SSL_AD_PROTOCOL_VERSION},
    {"old-protocol", {.version = TLS1_3_VERSION}, END_ALERT, SSL_AD_PROTOCOL_VERSION},
    {"old-protocol", {.version = TLS1_2_VERSION}, END_REFUSED, ALERT_NONE},
    {"old-protocol", {.version = TLS1_1_VERSION}, END_REFUSED, ALERT_NONE},
    {"no-common-cipher", {.version = 0}, END_ALERT, SSL_AD_HANDSHAKE_FAILURE},
    {"no-common-cipher", {.version = TLS1_2_VERSION}, END_ALERT,
        SSL_AD_HANDSHAKE_FAILURE},
    {"client-cert-required", {.version = TLS1_2_VERSION}, END_ALERT,
        SSL_AD_HANDSHAKE_FAILURE},
    {"client-cert-required", {.version = TLS1_3_VERSION}, END_ALERT,
        SSL_AD_CERTIFICATE_REQUIRED},
};

Test(tlsfault, failing_handshakes_fail_as_they_promise, .timeout = 20)
{
	struct fault_rig fault;
	char name[TLS_FAULT_NAME_SIZE];

	open_rig(&fault, NULL);
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct knock knock = failures[i].knock;

		knock.name = sni_of(failures[i].word, name);
		knock.is_lax = true;
		struct seen seen = knock_at(&fault, knock);
		cr_expect(seen.end == failures[i].end, "case %zu %s: %d", i, name,
		    (int)seen.end);
		cr_expect(seen.alert == failures[i].alert, "case %zu %s: alert %d", i,
		    name, seen.alert);
		cr_expect(eq(sz, seen.got.len, 0));
		expect_healthy(&fault, name);
	}
	close_rig(&fault);
}

Test(tlsfault, the_old_protocol_serves_those_who_still_speak_it, .timeout = 10)
{
	struct fault_rig fault;

	open_rig(&fault, "old-protocol");
	struct seen seen = knock_at(&fault,
	    (struct knock){.name = "localhost", .version = TLS1_VERSION, .is_lax = true});
	cr_expect(seen.is_shaken && seen.version == TLS1_VERSION);
	cr_expect(slice_is(buf_slice(&seen.got), RIG_TEXT));
	buf_clear(&seen.got);
	close_rig(&fault);
}

/* A certificate like those that SCEP clients get, of this CA or of another. */
static void
make_client(struct pki *pki, time_t from, time_t to, struct pki_cert *ret)
{
	static const unsigned char nobody[] = {0x30, 0x00};
	struct buf spki = BUF_INIT;
	struct err err = ERR_INIT;
	struct leaf leaf = {
	    .subject = {nobody, sizeof(nobody)}, .not_before = from, .not_after = to};

	*ret = (struct pki_cert){.key = EVP_EC_gen("P-256")};
	cr_assert(OSSL_DER(&spki, ret->key, i2d_PUBKEY));
	leaf.spki = buf_bytes(&spki);
	cr_assert(pki_serial(leaf.serial) && leaf_issue(&leaf, pki, &ret->der, &err));
	buf_clear(&spki);
}

static void
expect_shown(struct fault_rig *fault, const char *word, int version,
    const struct pki_cert *cert, const char *want)
{
	char name[TLS_FAULT_NAME_SIZE];
	struct seen seen = knock_at(fault,
	    (struct knock){.name = sni_of(word, name), .version = version, .cert = cert});

	cr_expect(seen.is_shaken && slice_is(buf_slice(&seen.got), RIG_TEXT), "%s %s",
	    word, want);
	cr_expect(strcmp(fault->rig.flow.client_cert, want) == 0, "%s: %s instead of %s",
	    word, fault->rig.flow.client_cert, want);
	cr_expect(seen.end == END_OPEN);
	buf_clear(&seen.got);
}

Test(tlsfault, client_certificates_are_taken_and_told_apart, .timeout = 20)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	static const char *const words[] = {"client-cert-required", "client-cert-asked"};
	struct pki *stranger = fixture_pki("localhost");
	struct pki_cert trusted, foreign, over, early;
	struct fault_rig fault;
	time_t now = time(NULL);

	open_rig(&fault, NULL);
	make_client(fault.pki, now - DAY_S, now + DAY_S, &trusted);
	make_client(fault.pki, now - 2 * DAY_S, now - DAY_S, &over);
	make_client(fault.pki, now + DAY_S, now + 2 * DAY_S, &early);
	make_client(stranger, now - DAY_S, now + DAY_S, &foreign);
	for (size_t v = 0; v < COUNT(versions); v++) {
		for (size_t w = 0; w < COUNT(words); w++) {
			int version = versions[v];

			expect_shown(&fault, words[w], version, &trusted, "trusted");
			expect_shown(&fault, words[w], version, &foreign, "untrusted");
			expect_shown(&fault, words[w], version, &over, "untrusted");
			expect_shown(&fault, words[w], version, &early, "untrusted");
		}
		expect_shown(&fault, "client-cert-asked", versions[v], NULL, "none");
	}
	expect_healthy(&fault, "nobody else is asked");
	const struct pki_cert *all[] = {&trusted, &foreign, &over, &early};
	for (size_t i = 0; i < COUNT(all); i++) {
		EVP_PKEY_free(all[i]->key);
		free(all[i]->der.data);
	}
	close_rig(&fault);
	pki_release(stranger);
}

Test(tlsfault, without_close_notify_the_first_answer_is_the_last, .timeout = 10)
{
	static const enum step_kind ends[] = {STEP_NEXT, STEP_CLOSE};

	for (size_t i = 0; i < COUNT(ends); i++) {
		struct fault_rig fault;

		open_rig(&fault, "no-close-notify");
		plan_reset(&fault.rig.flow.plan);
		rig_add_text(&fault.rig, RIG_TEXT);
		plan_add(&fault.rig.flow.plan, ends[i]);
		struct seen seen = knock_at(&fault, (struct knock){.name = "localhost"});
		cr_expect(slice_is(buf_slice(&seen.got), RIG_TEXT), "case %zu", i);
		cr_expect(seen.end == END_CUT, "case %zu: %d", i, (int)seen.end);
		buf_clear(&seen.got);
		close_rig(&fault);
	}
}

Test(tlsfault, a_name_goes_before_the_door_and_may_be_in_capitals, .timeout = 10)
{
	struct fault_rig fault;

	open_rig(&fault, "expired");
	struct seen seen = knock_at(&fault, (struct knock){.name = "Alert.LOCALHOST"});
	cr_expect(eq(int, seen.alert, SSL_AD_HANDSHAKE_FAILURE));
	seen = knock_at(&fault, (struct knock){.name = "localhost"});
	cr_expect(eq(int, (int)seen.verdict, X509_V_ERR_CERT_HAS_EXPIRED));
	close_rig(&fault);

	open_rig(&fault, NULL);
	static const char *const no_words[] = {"expired.example", "expired.localhost.x",
	    "x.expired.localhost", "expire.localhost", "expiredx.localhost",
	    ".localhost"};
	for (size_t i = 0; i < COUNT(no_words); i++) {
		seen = knock_at(&fault, (struct knock){.name = no_words[i]});
		cr_expect(seen.verdict == X509_V_ERR_HOSTNAME_MISMATCH, "%s: %ld",
		    no_words[i], seen.verdict);
		cr_expect(fault.rig.flow.tls_word == NULL);
	}
	close_rig(&fault);
}

Test(tlsfault, an_unknown_word_opens_no_door)
{
	struct door_wish wish = {
	    .host = "127.0.0.1", .is_tls = true, .tls_fault = "expird"};
	struct err err = ERR_INIT;
	struct plan_rig rig;
	size_t index;

	rig_init(&rig, IDLE_MS);
	cr_expect(not(net_listen_faulty(rig.net, &wish, &index, &err)));
	cr_expect(eq(int, err.kind, ERR_USAGE));
	rig_close(&rig);
}

static size_t
count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

/* The same failure again and again; what one takes once is taken before. */
static void
fail_often(struct fault_rig *fault, const char *word, size_t times)
{
	char name[TLS_FAULT_NAME_SIZE];

	sni_of(word, name);
	for (size_t i = 0; i < times; i++) {
		struct seen seen = knock_at(fault, (struct knock){.name = name});

		cr_expect(seen.end != END_OPEN, "%s", word);
		buf_clear(&seen.got);
	}
	cr_expect(rig_empties(&fault->rig));
	rig_turn(&fault->rig); /* libevent closes in its next turn */
}

Test(tlsfault, failing_handshakes_leave_nothing_behind, .timeout = 60)
{
	static const char *const words[] = {"expired", "alert", "close-after-hello",
	    "reset-after-hello", "no-common-cipher", "client-cert-required"};
	struct fault_rig fault;

	open_rig(&fault, NULL);
	fail_often(&fault, words[0], 2 * HANDSHAKES); /* libraries fill their caches */
	for (size_t i = 0; i < COUNT(words); i++) {
		fail_often(&fault, words[i], 10);
		size_t descriptors = count_descriptors();
		size_t bytes = mallinfo2().uordblks;
		fail_often(&fault, words[i], HANDSHAKES);
		size_t more = mallinfo2().uordblks;
		cr_expect(eq(sz, count_descriptors(), descriptors));
		cr_expect(more <= bytes + MEMORY_SPREAD, "%s: %zu bytes, then %zu",
		    words[i], bytes, more);
	}
	expect_healthy(&fault, "after all that");
	close_rig(&fault);
}

static void
on_drained(void *arg)
{
	*(bool *)arg = true;
}

Test(tlsfault, whoever_lingers_in_a_handshake_does_not_keep_the_server, .timeout = 10)
{
	static const unsigned char half_a_record[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01};
	int64_t end = clock_monotonic_us() + RIG_PATIENCE_US;
	struct fault_rig fault;
	bool is_drained = false;
	char byte;

	open_rig(&fault, "alert");
	int silent = rig_connect(&fault.rig);
	int halfway = rig_connect(&fault.rig);
	int plain = rig_ask(&fault.rig); /* no TLS at all */
	cr_assert(send(halfway, half_a_record, sizeof(half_a_record), 0) > 0);
	while (net_connection_count(fault.rig.net) < 3 && clock_monotonic_us() < end)
		turn(&fault);
	turn(&fault);
	net_drain(fault.rig.net, on_drained, &is_drained);
	while (!is_drained && clock_monotonic_us() < end)
		turn(&fault);
	cr_expect(is_drained);
	cr_expect(recv(silent, &byte, 1, 0) == 0);
	cr_expect(clock_monotonic_us() < end - RIG_PATIENCE_US / 2, "at once");
	close(silent);
	close(halfway);
	close(plain);
	close_rig(&fault);
}
