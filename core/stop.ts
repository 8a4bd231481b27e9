// Where a front-end may stop a computation: between two ops. The library looks at a flag before each call of the backend, so also
// a long step of training ends one op later, with nothing half written.

let flag: Int32Array = new Int32Array(1);
let reason: () => Error = () => new Error("stopped");

/** From now on, an op throws `error()` in place of running when element 0 of `raised` is not 0. */
export function setStop(raised: Int32Array, error: () => Error): void {
  flag = raised;
  reason = error;
}

const never: Int32Array = new Int32Array(1);

/** Runs `body` to its end, also when the computation is to stop meanwhile: for writes that belong together. */
export function uninterrupted(body: () => void): void {
  checkStop();
  const raised = flag;
  flag = never;
  try {
    body();
  } finally {
    flag = raised;
  }
}

/** Throws when the computation is to stop. */
export function checkStop(): void {
  if (flag[0] !== 0) throw reason();
}
