// After each test: a turn of the event loop. A row of tests that only wait for child processes would otherwise keep the runner's own
// messages unanswered until it takes them for lost.

import { setImmediate as turn } from "node:timers/promises";
import { afterEach } from "vitest";

afterEach(() => turn());
