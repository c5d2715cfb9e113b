#include "http/layer.h"

const char *const layer_names[LAYER_COUNT] = {
    [LAYER_NETWORK] = "network",
    [LAYER_APP_PROXY] = "app-proxy",
    [LAYER_HTTP_SYS] = "http.sys",
    [LAYER_POOL] = "pool",
    [LAYER_IIS] = "iis",
    [LAYER_MSCEP] = "mscep",
    [LAYER_CRP] = "crp",
};

/* A stopped pool is answered by HTTP.sys, so its 503 is in HTTPERR; what happens
   before Windows is reached leaves no trace there at all. */
enum log_target
layer_log(enum layer layer)
{
	switch (layer) {
	case LAYER_NETWORK:
	case LAYER_APP_PROXY:
		return LOG_TO_NONE;
	case LAYER_HTTP_SYS:
	case LAYER_POOL:
		return LOG_TO_HTTPERR;
	case LAYER_IIS:
	case LAYER_MSCEP:
	case LAYER_CRP:
		return LOG_TO_IIS;
	}
	return LOG_TO_NONE;
}

/* The application itself or anything below it: "/a" has "/a" and "/a/b", not "/ab". */
static bool
is_in_application(struct slice path, struct slice application)
{
	if (!slice_starts_nocase(path, application.text))
		return false;
	return path.len == application.len || path.text[application.len] == '/';
}

bool
layer_touches(enum layer layer, struct slice path)
{
	static const struct slice mscep = SLICE("/certsrv/mscep");
	static const struct slice admin = SLICE("/certsrv/mscep_admin");
	static const struct slice crp = SLICE("/CertificateRegistrationSvc");

	switch (layer) {
	case LAYER_NETWORK:
	case LAYER_APP_PROXY:
	case LAYER_HTTP_SYS:
	case LAYER_IIS:
		return true;
	case LAYER_POOL:
		return is_in_application(path, mscep) || is_in_application(path, admin);
	case LAYER_MSCEP:
		return is_in_application(path, mscep);
	case LAYER_CRP:
		return is_in_application(path, crp);
	}
	return false;
}
