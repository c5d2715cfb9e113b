#include "scenarios/look.h"

#include <string.h>

#define CERT_REP 3

/* RFC 8894 3.2.1.3 and 3.2.1.4: the words in the order of their numbers. */
static const char *const pki_words[] = {"SUCCESS", NULL, "FAILURE", "PENDING"};
static const char *const fail_words[] = {
    "badAlg", "badMessageCheck", "badRequest", "badTime", "badCertId"};

static const char *
word_of(const char *const *words, size_t count, int number)
{
	bool is_known = number >= 0 && (size_t)number < count && words[number] != NULL;

	return is_known ? words[number] : "none";
}

static const char *
pki_word(int number)
{
	return word_of(pki_words, sizeof(pki_words) / sizeof(pki_words[0]), number);
}

static const char *
fail_word(int number)
{
	return word_of(fail_words, sizeof(fail_words) / sizeof(fail_words[0]), number);
}

/* Some rule edits what is inside of such an answer. */
static bool
is_edited(const struct scenario *scenario, bool is_message)
{
	if (scenario->server.pki != NULL)
		return true;
	for (size_t i = 0; i < scenario->rule_count; i++) {
		const struct rule *rule = &scenario->rules[i];
		const struct action *action = &rule->action;

		if (rule->reply.body != NULL || rule->reply.header_count > 0)
			return true;
		if (is_message ? action->kind == ACTION_SCEP : action->kind == ACTION_CA)
			return true;
		if (action->kind == ACTION_RESPOND && action->respond.status == 200)
			return true;
	}
	return false;
}

static bool
check_wanted(const struct probe *probe, int status, int fail_info, struct err *err)
{
	const char *status_word = pki_word(status);
	const char *fail_info_word = fail_word(fail_info);

	if (probe->want_pki != NULL && strcmp(probe->want_pki, status_word) != 0)
		return err_set(err, ERR_FAILED, "pkiStatus %s is wanted, %s came (%s)",
		    probe->want_pki, status_word, fail_info_word);
	if (probe->want_fail_info != NULL &&
	    strcmp(probe->want_fail_info, fail_info_word) != 0)
		return err_set(err, ERR_FAILED, "failInfo %s is wanted, %s came",
		    probe->want_fail_info, fail_info_word);
	return true;
}

static bool
check_honest(const struct take *take, const struct scep_reply *reply, struct err *err)
{
	if (!reply->is_cms || !reply->signature_ok || reply->message_type != CERT_REP)
		return err_set(err, ERR_FAILED,
		    "this is no CertRep signed by the RA (messageType %d)",
		    reply->message_type);
	if (!reply->transaction_ok || !reply->recipient_nonce_ok ||
	    !reply->has_sender_nonce)
		return err_set(err, ERR_FAILED,
		    "transactionID or recipientNonce is not the request's, or there is no "
		    "senderNonce");
	if (reply->status == 0 && strcmp(take->probe->message_type, "GetCert") != 0 &&
	    strcmp(take->probe->message_type, "GetCRL") != 0 &&
	    !(reply->leaf_has_our_key && reply->leaf_from_ca))
		return err_set(err, ERR_FAILED,
		    "SUCCESS without a certificate for the client's key");
	return check_wanted(take->probe, reply->status, reply->fail_info, err);
}

static const char *
time_of(const X509 *leaf)
{
	if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0)
		return ", over";
	return X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0 ? ", not yet valid"
	                                                            : "";
}

static void
tell(const struct scep_reply *reply, struct buf *out)
{
	if (!reply->is_cms) {
		buf_add_text(out, "no CMS");
		return;
	}
	buf_add_text(
	    out, reply->any_status < 0 ? "no pkiStatus" : pki_word(reply->any_status));
	if (reply->any_fail_info >= 0)
		buf_add_format(out, " %s", fail_word(reply->any_fail_info));
	buf_add_text(out, reply->signature_ok ? ", verified" : ", not verified");
	if (reply->message_type != CERT_REP)
		buf_add_text(out, ", no messageType");
	if (!reply->transaction_ok)
		buf_add_text(out, ", other transactionID");
	if (!reply->recipient_nonce_ok)
		buf_add_text(out, ", other recipientNonce");
	if (reply->has_trailing_bytes)
		buf_add_text(out, ", bytes behind it");
	if (reply->content_size > 1 && reply->bag_certs < 0)
		buf_add_text(out, ", content not opened");
	if (reply->bag_certs >= 0)
		buf_add_format(out, ", %d certificates", reply->bag_certs);
	if (reply->leaf != NULL)
		buf_add_format(out, ", leaf with %s key of %s CA%s",
		    reply->leaf_has_our_key ? "our" : "another",
		    reply->leaf_from_ca ? "the" : "another", time_of(reply->leaf));
}

static bool
look_at_message(const struct play *play, struct take *take, struct err *err)
{
	struct slice type = peer_header(&take->answer, "Content-Type");
	bool is_typed = slice_is_nocase(type, "application/x-pki-message");
	bool is_honest = !is_edited(play->scenario, true);
	const struct probe *probe = take->probe;
	bool is_wanted = probe->want_pki != NULL || probe->want_fail_info != NULL;
	struct scep_reply reply;
	bool ok = true;

	if (is_wanted && is_honest && !is_typed)
		return err_set(err, ERR_FAILED,
		    "a CertRep is wanted, an answer of type '%.*s' came", (int)type.len,
		    type.text);
	scep_client_read_reply(
	    take->actor->client, buf_bytes(&take->answer.body), &reply);
	if (is_typed || reply.is_cms)
		tell(&reply, &take->seen);
	if (is_honest && is_typed)
		ok = check_honest(take, &reply, err);
	else if (is_wanted && !reply.is_cms)
		ok = err_set(err, ERR_FAILED, "OpenSSL finds no CMS in the answer");
	else if (is_wanted)
		ok = check_wanted(probe, reply.any_status, reply.any_fail_info, err);
	if (ok && reply.leaf != NULL && reply.leaf_has_our_key)
		cast_take_leaf(take->actor, reply.leaf);
	scep_reply_clear(&reply);
	return ok;
}

static bool
look_at_certificates(const struct play *play, struct take *take, struct err *err)
{
	bool has_ca = false;
	int count = scep_count_certificates(buf_bytes(&take->answer.body), &has_ca);

	if (count < 0)
		buf_add_text(&take->seen, "no certificates");
	else
		buf_add_format(
		    &take->seen, "%d certificates%s", count, has_ca ? "" : ", no CA");
	if (!is_edited(play->scenario, false) && !has_ca)
		return err_set(err, ERR_FAILED, "OpenSSL finds no CA in GetCACert");
	return true;
}

bool
look(const struct play *play, struct take *take, struct err *err)
{
	const struct probe *probe = take->probe;
	bool is_wanted = probe->want_pki != NULL || probe->want_fail_info != NULL;
	bool is_answer = take->answer.status == 200 && take->ending.is_whole &&
	                 strcmp(probe->method, "HEAD") != 0;

	if (is_wanted && take->actor == NULL)
		return err_set(err, ERR_FAILED, "pki is wanted, and no pkiMessage sent");
	if (is_wanted && !is_answer)
		return err_set(err, ERR_FAILED,
		    "a CertRep is wanted, no whole answer with 200 came");
	if (is_answer && take->actor != NULL)
		return look_at_message(play, take, err);
	if (is_answer && strcmp(probe->operation, "GetCACert") == 0)
		return look_at_certificates(play, take, err);
	return true;
}
