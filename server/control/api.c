#include "control/api.h"

#include "base/clock.h"
#include "base/mem.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * evhttp limits neither callers nor their time, and does not tell when it has closed a
 * connection. So each connection is held a second time here; what evhttp has let go of
 * has lost its callbacks.
 */
struct caller {
	struct bufferevent *stream;
	int64_t end_us;
};

struct control {
	struct event_base *base;
	struct control_door door;
	struct control_hooks hooks;
	struct evhttp *http;
	struct evconnlistener *listener; /* evhttp's */
	struct event *sweep;
	struct caller callers[CONTROL_CALLERS_MAX];
	size_t caller_count;
};

static bool
is_let_go(struct bufferevent *stream)
{
	bufferevent_event_cb on_event = NULL;

	bufferevent_getcb(stream, NULL, NULL, &on_event, NULL);
	return on_event == NULL;
}

/* Frees what is over, and ends what takes too long. */
static void
look_after_callers(struct control *control)
{
	int64_t now_us = clock_monotonic_us();
	size_t kept = 0;

	for (size_t i = 0; i < control->caller_count; i++) {
		struct caller *caller = &control->callers[i];

		if (is_let_go(caller->stream)) {
			bufferevent_decref(caller->stream);
			continue;
		}
		if (now_us > caller->end_us) /* evhttp sees the end and lets go */
			shutdown(bufferevent_getfd(caller->stream), SHUT_RDWR);
		control->callers[kept++] = *caller;
	}
	control->caller_count = kept;
}

static void
plan_sweep(struct control *control)
{
	unsigned ms = control->caller_count > 0 ? CONTROL_SWEEP_MS : CONTROL_BEAT_MS;
	struct timeval wait = {ms / 1000, (int)(ms % 1000) * 1000};

	event_add(control->sweep, &wait);
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;

	look_after_callers(control);
	if (control->caller_count < CONTROL_CALLERS_MAX)
		evconnlistener_enable(control->listener);
	plan_sweep(control);
}

/*
 * No descriptor is left, say: without a pause the loop would spin. The next sweep opens
 * again. (`arg` is evhttp's.)
 */
static void
on_accept_failed(struct evconnlistener *listener, void *arg)
{
	evconnlistener_disable(listener);
}

/* evhttp asks for the stream of a new connection. */
static struct bufferevent *
make_stream(struct event_base *base, void *arg)
{
	struct control *control = arg;
	struct bufferevent *stream =
	    bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (stream == NULL)
		return NULL;
	bufferevent_incref(stream);
	control->callers[control->caller_count++] = (struct caller){
	    .stream = stream,
	    .end_us = clock_monotonic_us() + INT64_C(1000) * CONTROL_CALL_MS,
	};
	if (control->caller_count == CONTROL_CALLERS_MAX)
		evconnlistener_disable(control->listener);
	plan_sweep(control);
	return stream;
}

static const char *
method_name(enum evhttp_cmd_type method)
{
	return method == EVHTTP_REQ_POST  ? "POST"
	       : method == EVHTTP_REQ_GET ? "GET"
	                                  : "another method";
}

static void
send_answer(struct evhttp_request *request, struct control_answer *answer)
{
	struct evkeyvalq *fields = evhttp_request_get_output_headers(request);
	struct evbuffer *out = evbuffer_new();

	evhttp_add_header(fields, "Content-Type", "application/json");
	evhttp_add_header(fields, "Cache-Control", "no-store");
	evhttp_add_header(fields, "Connection", "close");
	if (answer->allow != NULL)
		evhttp_add_header(fields, "Allow", answer->allow);
	evbuffer_add(out, answer->json, strlen(answer->json));
	evhttp_send_reply(request, answer->status, NULL, out);
	evbuffer_free(out);
	free(answer->json);
}

static void
on_request(struct evhttp_request *request, void *arg)
{
	struct control *control = arg;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	struct evbuffer *in = evhttp_request_get_input_buffer(request);
	size_t len = evbuffer_get_length(in);
	const unsigned char *body = evbuffer_pullup(in, -1);
	struct control_call call = {
	    .method = method_name(evhttp_request_get_command(request)),
	    .path = uri == NULL ? NULL : evhttp_uri_get_path(uri),
	    .body = {body == NULL ? "" : (const char *)body, body == NULL ? 0 : len},
	};
	struct control_answer answer = control_answer(&control->hooks, &call);

	send_answer(request, &answer);
}

static bool
start_http(struct control *control, struct err *err)
{
	static const struct timeval silence = {
	    CONTROL_SILENCE_MS / 1000, CONTROL_SILENCE_MS % 1000 * 1000};

	control->http = evhttp_new(control->base);
	control->sweep = event_new(control->base, -1, 0, on_sweep, control);
	/* The door closes the descriptor. */
	control->listener = evconnlistener_new(
	    control->base, NULL, control, LEV_OPT_CLOSE_ON_EXEC, 0, control->door.fd);
	if (control->http == NULL || control->sweep == NULL ||
	    control->listener == NULL ||
	    evhttp_bind_listener(control->http, control->listener) == NULL) {
		if (control->listener != NULL)
			evconnlistener_free(control->listener);
		return err_set(err, ERR_FAILED, "the control socket cannot be watched");
	}
	evconnlistener_set_error_cb(control->listener, on_accept_failed);
	evhttp_set_bevcb(control->http, make_stream, control);
	evhttp_set_gencb(control->http, on_request, control);
	evhttp_set_timeout_tv(control->http, &silence);
	evhttp_set_max_headers_size(control->http, CONTROL_HEAD_MAX);
	evhttp_set_max_body_size(control->http, CONTROL_READ_MAX);
	/* Other methods than the two get their sentence from verbs. */
	evhttp_set_allowed_methods(control->http,
	    EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
	        EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
	plan_sweep(control);
	return true;
}

struct control *
control_open(struct event_base *base, const char *path, const struct control_hooks *hooks,
    struct err *err)
{
	struct control *control = mem_alloc(sizeof(*control));

	control->base = base;
	control->hooks = *hooks;
	control->door = (struct control_door)CONTROL_DOOR_INIT;
	if (!control_door_open(&control->door, path, err)) {
		free(control);
		return NULL;
	}
	if (!start_http(control, err)) {
		control_close(control);
		return NULL;
	}
	return control;
}

const char *
control_path(const struct control *control)
{
	return control->door.path;
}

void
control_close(struct control *control)
{
	if (control == NULL)
		return;
	if (control->http != NULL)
		evhttp_free(control->http);
	for (size_t i = 0; i < control->caller_count; i++)
		bufferevent_decref(control->callers[i].stream);
	if (control->sweep != NULL)
		event_free(control->sweep);
	control_door_close(&control->door);
	free(control);
}
