// torch.nn.utils: nothing but exports.

export { fuseConvBnEval, fuseConvBnWeights, fuseLinearBnEval, fuseLinearBnWeights } from "./fusion";
export * as rnn from "./packed";
export * from "./parameters";
export * as parametrizations from "./parametrizations";
export * as parametrize from "./parametrize-namespace";
export * as prune from "./prune";
export { skipInit } from "./skip-init";
export * as stateless from "./stateless";
export * from "./weight-norm";
