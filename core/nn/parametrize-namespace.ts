// torch.nn.utils.parametrize: nothing but exports.

export {
  cached,
  isParametrized,
  ParametrizationList,
  registerParametrization,
  removeParametrizations,
  transferParametrizationsAndParams,
  typeBeforeParametrizations,
} from "./parametrize";
