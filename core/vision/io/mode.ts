// Which channels a decoded picture has.

/** What an image becomes when it is read. Source: torchvision.io.ImageReadMode. */
export enum ImageReadMode {
  /** The channels that the file has; a palette becomes its colours. */
  UNCHANGED = 0,
  /** One channel. */
  GRAY = 1,
  /** Grey and opacity. */
  GRAY_ALPHA = 2,
  /** Three channels. */
  RGB = 3,
  /** Three channels and opacity. */
  RGB_ALPHA = 4,
}
