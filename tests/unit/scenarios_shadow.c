#include "support/fault_rows.h"

#define TWO(a, b) "rules: [{id: a, " a "}, ^{id: b, " b "}]"
#define NEVER     FAULT_NEVER_FIRES, "'a' above it"
#define AT(layer) "respond: {status: 500, layer: " layer "}"

static const struct row shadow_rows[] = {
    {TWO("match: {}, pass: {}", "match: {times: 3}, pass: {}"), NEVER},
    {TWO("match: {}, " AT("network"), "match: {}, scep: {bag: leaf}"), NEVER},
    {TWO("match: {}, " AT("pool"), "match: {}, " AT("mscep")), NEVER},
    {TWO("match: {}, " AT("mscep"), "match: {}, ca: {bag: der}"), NEVER},
    {TWO("match: {}, " AT("crp"), "match: {}, " AT("crp")), NEVER},
    {TWO("match: {}, connection: reset", "match: {}, pass: {}"), NEVER},
    {TWO("match: {}, scep: {bag: leaf}", "match: {}, scep: {leaf: bare}"), NEVER},
    {TWO("match: {}, scep: {bag: leaf}",
         "match: {challenge: used}, respond: {status: 500, layer: mscep}"),
        NEVER},
    {TWO("match: {}, ca: {bag: der}", "match: {}, ca: {certificates: [ca]}"), NEVER},
    {TWO("match: {operation: [GetCACert, PKIOperation]}, pass: {}",
         "match: {operation: GetCACert, method: GET}, pass: {}"),
        NEVER},
    {TWO("match: {operation: PKIOperation}, pass: {}", "match: {}, scep: {bag: leaf}"),
        NEVER},
    {TWO("match: {operation: [GetCACaps, GetCACert, GetNextCACert]}, pass: {}",
         "match: {}, ca: {crl: with}"),
        NEVER},
    {TWO("match: {query_bytes: {over: 10}}, pass: {}",
         "match: {query_bytes: {min: 20, max: 30}}, pass: {}"),
        NEVER},
    {TWO("match: {client: 10.0.0.0/8}, pass: {}",
         "match: {client: 10.2.0.0/16}, pass: {}"),
        NEVER},
    {TWO("match: {challenge_type: [utf8, ia5]}, pass: {}",
         "match: {challenge_type: ia5, challenge: used}, pass: {}"),
        NEVER},
    {TWO("match: {tls: true}, pass: {}", "match: {tls: true, nth: 2}, pass: {}"), NEVER},
    {TWO("match: {header: {A: b}}, pass: {}", "match: {header: {C: ~, a: b}}, pass: {}"),
        NEVER},
    {TWO("match: {state: {pool: up}}, pass: {}",
         "match: {state: {pool: up}, method: GET}, pass: {}"),
        NEVER},
    {TWO("match: {not: {method: GET}}, pass: {}",
         "match: {not: {method: GET}, tls: true}, pass: {}"),
        NEVER},
    {TWO("match: {}, connection: refuse", "match: {}, pass: {}"), NEVER},
    {TWO("match: {}, tls: alert", "match: {}, tls: expired"), NEVER},
    {TWO("match: {}, " ACCEPT, "match: {method: GET}, pass: {}"), NEVER},
    {TWO("match: {client: 10.0.0.0/8}, " ACCEPT,
         "match: {client: 10.0.0.1}, connection: {how: stall, at: accept}"),
        NEVER},
    {TWO("match: {}, with: {limit: number}, pass: {}",
         "match: {}, with: {limit: number, mode: soft}, pass: {}"),
        NEVER},
};

Test(scenarios_shadow, refuses_rules_that_never_fire)
{
	EXPECT_FAULTS(shadow_rows);
}

/* The rule below has something left. */
Test(scenarios_shadow, leaves_rules_that_may_fire)
{
	static const char *const lines[] = {
	    TWO("match: {times: 3}, pass: {}", "match: {}, pass: {}"),
	    TWO("match: {times: 3}, pass: {}", "match: {times: 3}, pass: {}"),
	    TWO("match: {query_bytes: {min: 5, max: 10}}, pass: {}",
	        "match: {query_bytes: {min: 6, max: 20}}, pass: {}"),
	    TWO("match: {challenge_type: utf8}, pass: {}",
	        "match: {challenge_type: [utf8, bmp]}, pass: {}"),
	    TWO("match: {probability: 20%}, pass: {}", "match: {}, pass: {}"),
	    TWO("match: {rate_over: 5/1s}, pass: {}", "match: {}, pass: {}"),
	    TWO("match: {}, " AT("mscep"), "match: {}, " AT("pool")),
	    TWO("match: {}, " AT("crp"), "match: {}, " AT("mscep")),
	    TWO("match: {}, scep: {bag: leaf}", "match: {}, " AT("mscep")),
	    TWO("match: {}, scep: {bag: leaf}",
	        "match: {operation: PKIOperation}, pass: {}"),
	    TWO("match: {}, ca: {bag: der}", "match: {}, ca: {caps_end: crlf}"),
	    TWO("match: {}, ca: {certificates: [ca]}", "match: {}, ca: {bag: der}"),
	    TWO("match: {operation: GetCACert}, pass: {}", "match: {}, ca: {bag: der}"),
	    TWO("match: {method: GET}, pass: {}",
	        "match: {method: [GET, POST]}, pass: {}"),
	    TWO("match: {query_bytes: {over: 10}}, pass: {}",
	        "match: {query_bytes: {min: 10}}, pass: {}"),
	    TWO("match: {client: 10.0.0.0/8}, pass: {}", "match: {tls: true}, pass: {}"),
	    TWO("match: {client: 10.0.0.0/16}, pass: {}",
	        "match: {client: 10.0.0.0/8}, pass: {}"),
	    TWO("match: {header: {A: b}}, pass: {}", "match: {header: {A: ~}}, pass: {}"),
	    TWO("match: {state: {pool: up}}, pass: {}",
	        "match: {state: {pool: [up, down]}}, pass: {}"),
	    TWO("match: {not: {method: GET}}, pass: {}",
	        "match: {not: {method: POST}}, pass: {}"),
	    TWO("match: {}, pass: {}, delay: {min: 1s, at: accept}",
	        "match: {}, pass: {}"),
	    TWO("match: {state: {pool: up}}, " ACCEPT,
	        "match: {state: {pool: up}}, pass: {}"),
	    TWO("match: {}, pass: {}", "match: {}, " ACCEPT),
	    TWO("match: {}, tls: no-close-notify", "match: {}, pass: {}"),
	    TWO("match: {}, with: {mode: soft}, pass: {}", "match: {}, pass: {}"),
	    TWO("match: {query_bytes: {min: \"${limit}\"}}, with: {limit: number}, pass: {}",
	        "match: {query_bytes: {min: 60}}, with: {limit: number}, pass: {}"),
	};

	expect_right(lines, COUNT(lines));
}
