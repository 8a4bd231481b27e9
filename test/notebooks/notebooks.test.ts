// Every notebook of the project runs and puts out what it keeps. Fashion-MNIST comes from the small data set of the tests.

import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "vitest";
import type { testNotebooks } from "../../kernel/notebook/suite";
import { root } from "../support/child";

const suite = createRequire(__filename)("cresset/notebook") as { testNotebooks: typeof testNotebooks };

process.env.CRESSET_FASHION_MNIST_ROOT = join(root, "test", "data", "fashion-mnist-small");
suite.testNotebooks(test, join(root, "notebooks"));
