#include "ndes/version.h"
#include "scep/capabilities.h"
#include <criterion/criterion.h>
#include <string.h>

Test(version, only_2012_r2_does_not_list_posts)
{
	for (size_t i = 0; i < server_version_count; i++) {
		const struct server_version *version = &server_versions[i];
		bool is_2012 = strcmp(version->name, "2012r2") == 0;

		cr_expect((strstr(version->caps, "POSTPKIOperation") == NULL) == is_2012,
		    "case %s", version->name);
		cr_expect(
		    strcmp(version->server + strlen("Microsoft-IIS/"), version->iis) == 0,
		    "case %s", version->name);
	}
}

Test(version, the_2012_r2_list_is_34_bytes_as_the_logged_size_says)
{
	struct capabilities caps;
	struct buf body = BUF_INIT;

	cr_assert(
	    capabilities_parse(slice_of(server_version_find("2012r2")->caps), &caps));
	capabilities_body(&caps, &body);
	cr_expect(body.len == 34, "%zu bytes", body.len);
	buf_clear(&body);
}

Test(version, unknown_names_are_not_found)
{
	cr_expect(server_version_find("2008") == NULL);
	cr_expect(server_version_find(SERVER_VERSION_DEFAULT) != NULL);
}
