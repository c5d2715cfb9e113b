#include "certs/keep.h"

#include "base/mem.h"
#include "certs/ossl.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SET_NAME   "pki"
#define DRAFT_NAME "pki.new" /* of a set that is being written */
#define CURE       "put the right file back, or choose another --state"

/* In the order of enum pki_which. */
static const struct {
	const char *cert;
	const char *key;
} names[PKI_COUNT] = {
    {"ca.pem", "ca.key"},
    {"ra-sign.pem", "ra-sign.key"},
    {"ra-encrypt.pem", "ra-encrypt.key"},
};

static bool
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* To disk, for a name that is renamed must not be there before its content. */
static bool
write_file(const char *folder, const char *name, mode_t mode, BIO *pem, struct err *err)
{
	char *path = mem_format("%s/%s", folder, name);
	char *text = NULL;
	long len = BIO_get_mem_data(pem, &text);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	bool ok =
	    fd >= 0 && len > 0 && write(fd, text, (size_t)len) == len && fsync(fd) == 0;

	if (!ok)
		err_set_errno(err, ERR_FAILED, "cannot write %s", path);
	if (fd >= 0)
		close(fd);
	free(path);
	return ok;
}

static bool
write_cert(const char *folder, const char *name, const struct buf *der, struct err *err)
{
	const unsigned char *p = der->data;
	X509 *cert = d2i_X509(NULL, &p, (long)der->len);
	BIO *pem = BIO_new(BIO_s_mem());
	bool ok = false;

	if (cert == NULL || pem == NULL || PEM_write_bio_X509(pem, cert) != 1)
		ossl_err(err, "cannot write a certificate of the CA as PEM");
	else
		ok = write_file(folder, name, 0644, pem, err);
	BIO_free(pem);
	X509_free(cert);
	return ok;
}

static bool
write_key(const char *folder, const char *name, const EVP_PKEY *key, struct err *err)
{
	BIO *pem = BIO_new(BIO_s_secmem());
	bool ok = false;

	if (pem == NULL ||
	    PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) != 1)
		ossl_err(err, "cannot write a key of the CA as PEM");
	else
		ok = write_file(folder, name, 0600, pem, err);
	BIO_free(pem);
	return ok;
}

static const struct pki_cert *
part_of(const struct pki *pki, size_t which)
{
	const struct pki_cert *const parts[PKI_COUNT] = {
	    &pki->ca, &pki->sign, &pki->encrypt};

	return parts[which];
}

static bool
write_set(const struct pki *pki, const char *folder, struct err *err)
{
	for (size_t i = 0; i < PKI_COUNT; i++) {
		const struct pki_cert *part = part_of(pki, i);

		if (!write_cert(folder, names[i].cert, &part->der, err) ||
		    !write_key(folder, names[i].key, part->key, err))
			return false;
	}
	return true;
}

/* What a run left that was killed while it wrote. */
static void
remove_draft(const char *folder)
{
	for (size_t i = 0; i < PKI_COUNT; i++) {
		char *cert = mem_format("%s/%s", folder, names[i].cert);
		char *key = mem_format("%s/%s", folder, names[i].key);

		unlink(cert);
		unlink(key);
		free(cert);
		free(key);
	}
	rmdir(folder);
}

bool
pki_save(const struct pki *pki, const char *dir, struct err *err)
{
	char *folder = mem_format("%s/" SET_NAME, dir);
	char *draft = mem_format("%s/" DRAFT_NAME, dir);
	struct stat there;
	bool ok = false;

	if (lstat(folder, &there) == 0) {
		err_set(err, ERR_FAILED,
		    "there are keys in %s already: choose another --state", folder);
		goto out;
	}
	remove_draft(draft);
	if ((mkdir(dir, 0700) != 0 && errno != EEXIST) || mkdir(draft, 0700) != 0) {
		err_set_errno(err, ERR_FAILED,
		    "cannot make %s for the keys of the CA (--state chooses another)",
		    draft);
		goto out;
	}
	if (write_set(pki, draft, err)) {
		ok = sync_folder(draft) && rename(draft, folder) == 0 && sync_folder(dir);
		if (!ok)
			err_set_errno(
			    err, ERR_FAILED, "cannot keep the CA's keys in %s", folder);
	}
	if (!ok)
		remove_draft(draft);
out:
	ossl_forget();
	free(folder);
	free(draft);
	return ok;
}

/* An encrypted key must not make OpenSSL ask on the terminal. */
static int
no_password(char *ret, int size, int is_writing, void *arg)
{
	return -1;
}

/* The whole of a file as a BIO, or NULL and err. */
static BIO *
read_file(const char *path, struct err *err)
{
	FILE *file = fopen(path, "rbe");
	char text[KEEP_FILE_MAX];
	size_t len = file != NULL ? fread(text, 1, sizeof(text), file) : 0;
	BIO *pem = NULL;

	if (file == NULL || ferror(file) != 0)
		err_set_errno(err, ERR_FAILED,
		    "cannot read %s, without which the CA is not whole (" CURE ")", path);
	else if ((pem = BIO_new(BIO_s_mem())) == NULL ||
	         BIO_write(pem, text, (int)len) != (int)len)
		ossl_err(err, path);
	if (file != NULL)
		fclose(file);
	OPENSSL_cleanse(text, sizeof(text));
	return pem;
}

static bool
read_part(const char *folder, size_t which, struct pki_part *ret, struct err *err)
{
	char *cert_path = mem_format("%s/%s", folder, names[which].cert);
	char *key_path = mem_format("%s/%s", folder, names[which].key);
	BIO *cert = read_file(cert_path, err);
	BIO *key = cert != NULL ? read_file(key_path, err) : NULL;
	bool ok = false;

	if (cert == NULL || key == NULL)
		goto out;
	ret->cert = PEM_read_bio_X509(cert, NULL, no_password, NULL);
	ret->key = PEM_read_bio_PrivateKey(key, NULL, no_password, NULL);
	if (ret->cert == NULL)
		err_set(
		    err, ERR_FAILED, "%s is not a certificate in PEM: " CURE, cert_path);
	else if (ret->key == NULL)
		err_set(err, ERR_FAILED,
		    "%s is not a private key in PEM without a password: " CURE, key_path);
	else if (X509_check_private_key(ret->cert, ret->key) != 1)
		err_set(err, ERR_FAILED, "%s is not the key of %s: " CURE, key_path,
		    cert_path);
	else
		ok = true;
out:
	BIO_free(cert);
	BIO_free(key);
	free(cert_path);
	free(key_path);
	return ok;
}

/* All three are signed by the CA. */
static bool
fits(const char *folder, const struct pki_part parts[PKI_COUNT], struct err *err)
{
	for (size_t i = 0; i < PKI_COUNT; i++)
		if (X509_verify(parts[i].cert, parts[PKI_CA].key) != 1)
			return err_set(err, ERR_FAILED,
			    "%s/%s was not issued by the CA of %s/%s: " CURE, folder,
			    names[i].cert, folder, names[PKI_CA].cert);
	return true;
}

static struct pki *
load(const char *folder, struct err *err)
{
	struct pki_part parts[PKI_COUNT] = {{.key = NULL}};
	struct pki *pki = NULL;
	bool ok = ossl_load_providers(err);

	for (size_t i = 0; ok && i < PKI_COUNT; i++)
		ok = read_part(folder, i, &parts[i], err);
	if (ok && fits(folder, parts, err)) {
		pki = pki_of(parts, err); /* takes the keys */
	} else {
		for (size_t i = 0; i < PKI_COUNT; i++)
			EVP_PKEY_free(parts[i].key);
	}
	for (size_t i = 0; i < PKI_COUNT; i++)
		X509_free(parts[i].cert);
	ossl_forget();
	return pki;
}

struct pki *
pki_load(const char *dir, struct err *err)
{
	char *folder = mem_format("%s/" SET_NAME, dir);
	struct pki *pki = NULL;
	struct stat what;

	if (stat(folder, &what) == 0)
		pki = load(folder, err);
	else if (errno != ENOENT)
		err_set_errno(err, ERR_FAILED,
		    "cannot look for the CA's keys in %s (--state chooses another)",
		    folder);
	free(folder);
	return pki;
}
