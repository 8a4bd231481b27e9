// torch.nn.utils: nothing but exports.

export * as rnn from "./packed";
export * from "./parameters";
