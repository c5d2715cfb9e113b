/*
 * crp: the certificate registration point of the Intune connector,
 * /CertificateRegistrationSvc, as far as it can be seen from outside.
 *
 * NDES's policy module (user agent NDES_Plugin) posts each request to it before the CA
 * sees it (VerifyRequest, 201) and reports what became of it (Notify, 204). Both leave
 * a line in the IIS log of the same site, ahead of the device's own line. Status, user
 * agent, sizes and times are those of documented lines of Windows Server 2012 R2
 * (grade A); the headers and the body that make up these sizes are not known (D).
 */
#ifndef NDES_CRP_H
#define NDES_CRP_H

#include "ndes/iis.h"
#include "ndes/operations.h"

/* The registration point's answer to a POST; `area` is one of the two AREA_CRP_*. */
void crp_reply(struct reply *reply, const struct iis *iis, enum area area);
/* To any other verb: 405 0 0 with IIS's page (grade C: the service is ASP.NET, so it is
   no static file's "405 0 1"). */
void crp_bad_method_reply(struct reply *reply, const struct iis *iis);

#define CRP_LINES_MAX  2
#define CRP_USER_AGENT "NDES_Plugin"
#define CRP_PORT       443 /* the connector's binding, whatever the device used */

/*
 * What one call of the policy module leaves in the IIS log. Method POST, no query, no
 * user name; client and server are both this machine.
 */
struct crp_line {
	const char *stem;
	unsigned status;
	unsigned substatus;
	uint32_t win32;
	uint64_t bytes_sent;
	uint64_t time_taken_ms;
};

/*
 * The lines of one PKCSReq (or renewal) that was opened and took `taken_ms` in all; how
 * many. A request that VerifyRequest does not accept is not notified (D). The times are
 * the documented shares, 875 and 62 of 1296 ms.
 */
size_t crp_lines(const struct server_version *version, bool is_verified,
    uint64_t taken_ms, struct crp_line ret[CRP_LINES_MAX]);

#endif
