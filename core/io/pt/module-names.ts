// Where Python finds the classes of torch.nn: a pickle names a module by them.

import * as nn from "../../nn";
import { NonDynamicallyQuantizableLinear } from "../../nn/attention";

const CLASSES: object = { ...nn, NonDynamicallyQuantizableLinear };

const FILES: { readonly [file: string]: string } = {
  activation:
    "CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish MultiheadAttention PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus Softshrink Softsign Tanh Tanhshrink Threshold",
  batchnorm: "BatchNorm1d BatchNorm2d BatchNorm3d",
  channelshuffle: "ChannelShuffle",
  container: "ModuleDict ModuleList ParameterDict ParameterList Sequential",
  conv: "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
  distance: "CosineSimilarity PairwiseDistance",
  dropout: "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
  flatten: "Flatten Unflatten",
  fold: "Fold Unfold",
  instancenorm: "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
  linear: "Bilinear Identity Linear NonDynamicallyQuantizableLinear",
  loss: "BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss MSELoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss",
  normalization: "GroupNorm LayerNorm LocalResponseNorm",
  padding:
    "ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad2d",
  pixelshuffle: "PixelShuffle PixelUnshuffle",
  pooling:
    "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d",
  rnn: "GRU GRUCell LSTM LSTMCell RNN RNNCell",
  sparse: "Embedding EmbeddingBag",
  transformer: "Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer",
  upsampling: "Upsample UpsamplingBilinear2d UpsamplingNearest2d",
};

const FILE_OF = new Map(
  Object.entries(FILES).flatMap(([file, names]) => names.split(" ").map((name): [string, string] => [name, file])),
);

/** A class that can be named. */
export type AnyClass = abstract new (...args: never[]) => object;

/** The class that Python knows under a name of one of its modules, if it is one of torch.nn; undefined for a name of something else. */
export function moduleClass(module: string, name: string): AnyClass | undefined {
  const file = FILE_OF.get(name);
  if (file === undefined || module !== `torch.nn.modules.${file}`) return undefined;
  return Reflect.get(CLASSES, name) as AnyClass;
}

/** The name that Python knows a class of modules by; one that is not in torch.nn is a user's, of the main program. */
export function pythonName(made: AnyClass): readonly [module: string, name: string] {
  const file = FILE_OF.get(made.name);
  const own = file !== undefined && Reflect.get(CLASSES, made.name) === made;
  return [own ? `torch.nn.modules.${file}` : "__main__", made.name];
}
