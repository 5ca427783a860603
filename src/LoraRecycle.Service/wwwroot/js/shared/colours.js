// A colour for each class, told apart in light and in dark: hues a golden angle away from each other.

export function colourOf(index) {
  const lightness = [0.56, 0.66, 0.48][Math.floor(index / 8) % 3];
  return `oklch(${lightness} 0.15 ${(28 + index * 137.508) % 360})`;
}
