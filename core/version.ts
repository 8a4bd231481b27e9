/** The version of the library, as its package.json has it; PyTorch's `torch.__version__`. */
export const __version__ = "0.1.0";
