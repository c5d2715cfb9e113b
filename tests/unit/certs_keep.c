#include "certs/keep.h"

#include "support/folder.h"
#include "support/pki_fixture.h"
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {
    "ca.pem", "ca.key", "ra-sign.pem", "ra-sign.key", "ra-encrypt.pem", "ra-encrypt.key"};

#define FILES (sizeof(files) / sizeof(files[0]))

static struct folder
in(const struct folder *folder, const char *name)
{
	struct folder path = *folder;

	cr_assert(strlen(path.path) + strlen(name) + 1 < sizeof(path.path));
	strcat(strcat(path.path, "/"), name);
	return path;
}

/* A set of a new CA in a folder of its own. */
static struct pki *
keep(struct folder *folder)
{
	struct pki *pki = fixture_pki("ndes");
	struct err err = ERR_INIT;

	*folder = folder_new();
	cr_assert(pki_save(pki, folder->path, &err), "%s", err.text);
	return pki;
}

static bool
same_bytes(struct bytes a, struct bytes b)
{
	return a.len == b.len && a.len > 0 && memcmp(a.data, b.data, a.len) == 0;
}

static void
expect_same(const char *name, const struct pki_cert *got, const struct pki_cert *want)
{
	cr_expect(EVP_PKEY_eq(got->key, want->key) == 1, "%s: key", name);
	cr_expect(same_bytes(buf_bytes(&got->der), buf_bytes(&want->der)), "%s", name);
	cr_expect(same_bytes(got->name, want->name), "%s: name", name);
	cr_expect(same_bytes(got->issuer, want->issuer), "%s: issuer", name);
	cr_expect(same_bytes(got->serial, want->serial), "%s: serial", name);
	cr_expect(same_bytes(got->spki, want->spki), "%s: spki", name);
	cr_expect(same_bytes(buf_bytes(&got->issuer_and_serial),
	              buf_bytes(&want->issuer_and_serial)),
	    "%s: issuer and serial", name);
	cr_expect(got->not_after == want->not_after, "%s: notAfter", name);
	cr_expect(
	    memcmp(got->key_id, want->key_id, PKI_KEY_ID_SIZE) == 0, "%s: key id", name);
}

static void
expect_refusal(const char *name, const struct folder *folder, const char *words)
{
	struct err err = ERR_INIT;
	struct pki *pki = pki_load(folder->path, &err);

	cr_expect(pki == NULL, "%s was loaded", name);
	pki_release(pki);
	cr_expect(err.kind == ERR_FAILED && strstr(err.text, words) != NULL &&
	              strstr(err.text, "choose another --state") != NULL,
	    "%s: %s", name, err.text);
	cr_expect(ERR_peek_error() == 0);
}

Test(keep, what_is_loaded_is_what_was_saved, .timeout = 10)
{
	struct folder folder;
	struct pki *pki = keep(&folder);
	struct err err = ERR_INIT;
	struct pki *got = pki_load(folder.path, &err);

	cr_assert(got != NULL, "%s", err.text);
	expect_same("CA", &got->ca, &pki->ca);
	expect_same("RA signing", &got->sign, &pki->sign);
	expect_same("RA encryption", &got->encrypt, &pki->encrypt);
	cr_expect(same_bytes(buf_bytes(&got->ca_pem), buf_bytes(&pki->ca_pem)));
	cr_expect(fixture_verify(got, buf_bytes(&got->sign.der), 0) == X509_V_OK);
	cr_expect(ERR_peek_error() == 0);
	pki_release(got);
	pki_release(pki);
	folder_remove(&folder);
}

Test(keep, keys_are_for_the_owner_alone_and_no_draft_is_left, .timeout = 10)
{
	struct folder folder;
	struct pki *pki = keep(&folder);
	struct folder set = in(&folder, "pki");
	struct folder draft = in(&folder, "pki.new");
	struct stat what;

	for (size_t i = 0; i < FILES; i++) {
		struct folder path = in(&set, files[i]);
		mode_t others = strstr(files[i], ".key") != NULL ? 0077 : 0022;

		cr_assert(stat(path.path, &what) == 0, "%s", files[i]);
		cr_expect(eq(int, (int)(what.st_mode & others), 0));
	}
	cr_expect(stat(draft.path, &what) != 0);
	pki_release(pki);
	folder_remove(&folder);
}

Test(keep, nothing_kept_is_no_error, .timeout = 10)
{
	struct folder folder = folder_new();
	struct folder missing = in(&folder, "st");
	struct err err = ERR_INIT;

	cr_expect(pki_load(folder.path, &err) == NULL && err.kind == ERR_NONE);
	cr_expect(pki_load(missing.path, &err) == NULL && err.kind == ERR_NONE);
	folder_remove(&folder);
}

Test(keep, draft_of_a_killed_run_does_not_count_and_is_replaced, .timeout = 10)
{
	struct folder folder = folder_new();
	struct folder draft = in(&folder, "pki.new");
	struct folder half = in(&draft, "ca.pem");
	struct pki *pki = fixture_pki("ndes");
	struct err err = ERR_INIT;
	struct pki *got;

	cr_assert(mkdir(draft.path, 0700) == 0);
	close(open(half.path, O_WRONLY | O_CREAT, 0600));
	cr_expect(pki_load(folder.path, &err) == NULL && err.kind == ERR_NONE);
	cr_assert(pki_save(pki, folder.path, &err), "%s", err.text);
	got = pki_load(folder.path, &err);
	cr_expect(got != NULL, "%s", err.text);
	pki_release(got);
	pki_release(pki);
	folder_remove(&folder);
}

Test(keep, a_set_is_never_overwritten, .timeout = 10)
{
	struct folder folder;
	struct pki *pki = keep(&folder);
	struct pki *other = fixture_pki("ndes");
	struct err err = ERR_INIT;
	struct pki *got;

	cr_expect(not(pki_save(other, folder.path, &err)));
	cr_expect(strstr(err.text, "choose another --state") != NULL, "%s", err.text);
	got = pki_load(folder.path, &err);
	cr_assert(got != NULL);
	expect_same("CA", &got->ca, &pki->ca);
	pki_release(got);
	pki_release(other);
	pki_release(pki);
	folder_remove(&folder);
}

Test(keep, every_file_is_needed_whole, .timeout = 30)
{
	struct pki *pki;

	for (size_t i = 0; i < FILES; i++) {
		struct folder folder;
		struct folder set, path;

		pki = keep(&folder);
		set = in(&folder, "pki");
		path = in(&set, files[i]);
		cr_assert(truncate(path.path, 80) == 0);
		expect_refusal("cut off", &folder, files[i]);
		cr_assert(truncate(path.path, 0) == 0);
		expect_refusal("empty", &folder, files[i]);
		cr_assert(unlink(path.path) == 0);
		expect_refusal("missing", &folder, files[i]);
		pki_release(pki);
		folder_remove(&folder);
	}
}

Test(keep, files_of_two_sets_do_not_fit, .timeout = 30)
{
	struct folder mine, other;
	struct pki *pki = keep(&mine);
	struct pki *stranger = keep(&other);
	struct folder mine_set = in(&mine, "pki");
	struct folder other_set = in(&other, "pki");

	for (size_t i = 0; i < FILES; i++) {
		struct folder ours = in(&mine_set, files[i]);
		struct folder theirs = in(&other_set, files[i]);
		struct folder aside = in(&mine, "aside");

		cr_assert(rename(ours.path, aside.path) == 0);
		cr_assert(link(theirs.path, ours.path) == 0);
		expect_refusal("one file", &mine, files[i]);
		cr_assert(rename(aside.path, ours.path) == 0);
	}
	pki_release(pki);
	pki_release(stranger);
	folder_remove(&mine);
	folder_remove(&other);
}

/* Key and certificate fit each other, but another CA issued them. */
Test(keep, ra_of_another_ca_does_not_fit, .timeout = 10)
{
	struct folder mine, other;
	struct pki *pki = keep(&mine);
	struct pki *stranger = keep(&other);
	struct folder mine_set = in(&mine, "pki");
	struct folder other_set = in(&other, "pki");

	for (size_t i = 2; i < 4; i++) {
		struct folder ours = in(&mine_set, files[i]);
		struct folder theirs = in(&other_set, files[i]);

		cr_assert(rename(theirs.path, ours.path) == 0);
	}
	expect_refusal("RA signing", &mine, "ra-sign.pem was not issued");
	pki_release(pki);
	pki_release(stranger);
	folder_remove(&mine);
	folder_remove(&other);
}

/* Without a terminal to ask and without waiting. */
Test(keep, key_with_a_password_is_refused, .timeout = 10)
{
	struct folder folder;
	struct pki *pki = keep(&folder);
	struct folder set = in(&folder, "pki");
	struct folder path = in(&set, "ca.key");
	FILE *file = fopen(path.path, "wb");

	cr_assert(PEM_write_PrivateKey(file, pki->ca.key, EVP_aes_128_cbc(),
	              (const unsigned char *)"secret", 6, NULL, NULL) == 1);
	fclose(file);
	expect_refusal("encrypted", &folder, "without a password");
	pki_release(pki);
	folder_remove(&folder);
}

Test(keep, unwritable_place_is_said, .timeout = 10)
{
	struct pki *pki = fixture_pki("ndes");
	struct err err = ERR_INIT;

	cr_expect(not(pki_save(pki, "/proc/self", &err)));
	cr_expect(strstr(err.text, "/proc/self/pki.new") != NULL, "%s", err.text);
	pki_release(pki);
}
