#include "http/request.h"
#include <string.h>

struct slice
request_header(const struct request *request, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < request->header_count; i++) {
		const struct header *header = &request->headers[i];
		if (header->name.len == len && slice_is_nocase(header->name, name))
			return header->value;
	}
	return (struct slice){NULL, 0};
}

bool
request_is_method(const struct request *request, const char *method)
{
	return slice_is(request->line.method, method);
}

/* Field by field: the array of headers is big and its rest need not be cleared. */
void
request_reset(struct request *request)
{
	buf_reset(&request->raw);
	if (request->body.cap > REQUEST_BODY_KEPT)
		buf_clear(&request->body);
	buf_reset(&request->body);
	request->line = (struct request_line){.major = 0};
	request->url = (struct url){.has_query = false};
	request->header_count = 0;
	request->body_bytes = 0;
	request->keep_alive = false;
	request->has_length = false;
	request->is_chunked = false;
	request->expects_continue = false;
	request->refusal = REFUSAL_NONE;
}

void
request_clear(struct request *request)
{
	request_reset(request);
	buf_clear(&request->raw);
	buf_clear(&request->body);
}
