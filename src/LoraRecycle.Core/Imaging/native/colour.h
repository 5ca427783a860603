#ifndef LORARECYCLE_COLOUR_H
#define LORARECYCLE_COLOUR_H

#include <vips/vips.h>

/* Whatever a loader delivers -> three bands of 8 bit sRGB. out is owned by the caller; 0 on success. */
int colour_to_srgb(VipsImage *in, VipsImage **out);

#endif
