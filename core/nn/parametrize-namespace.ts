// torch.nn.utils.parametrize: nothing but exports.

export {
  cached,
  isParametrized,
  ParametrizationList,
  registerParametrization,
  removeParametrizations,
  typeBeforeParametrizations,
} from "./parametrize";
