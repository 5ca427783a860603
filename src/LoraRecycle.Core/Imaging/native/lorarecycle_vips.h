/* The part of libvips that the product needs, behind five functions that cannot be misused from managed code:
 * every status is an int, every size is checked here, and nothing but an lrv_image has to be freed. */
#ifndef LORARECYCLE_VIPS_H
#define LORARECYCLE_VIPS_H

#include <stddef.h>
#include <stdint.h>

#define LRV_API __attribute__((visibility("default")))

typedef enum {
    LRV_OK = 0,
    LRV_UNSUPPORTED = 1, /* no loader that is allowed recognises the bytes */
    LRV_DAMAGED = 2,     /* a loader does, and fails on them */
    LRV_INTERNAL = 3     /* libvips did not start, or the caller's buffer has the wrong size */
} lrv_status;

/* Bits, so that a set of them is an allow-list. */
typedef enum {
    LRV_JPEG = 1,
    LRV_PNG = 2,
    LRV_WEBP = 4,
    LRV_GIF = 8,
    LRV_TIFF = 16,
    LRV_HEIF = 32
} lrv_format;

/* What the header says. Width and height are those of the stored picture, before orientation. */
typedef struct {
    int32_t format;
    int32_t width;
    int32_t height;
    int32_t pages;
    int32_t bands;
    int32_t bytes_per_sample;
    int32_t interlaced; /* progressive JPEG, Adam7 PNG */
    int32_t orientation; /* EXIF, 1 to 8 */
    int32_t has_alpha;
} lrv_header;

typedef struct lrv_image lrv_image;

/* Starts libvips once and blocks every loader but those of formats. Later calls only ever let more formats in. */
LRV_API int lrv_allow(int formats);

/* Reads the header. data must stay in place until lrv_close; formats is this caller's own allow-list. */
LRV_API int lrv_open(const void *data, size_t length, int formats, lrv_image **image, lrv_header *header);

/* Decodes page 0 into pixels: upright sRGB, [height, width, 3], 8 bit.
 * rows receives how many rows came out whole. */
LRV_API int lrv_decode(lrv_image *image, uint8_t *pixels, size_t length, int32_t *rows);

LRV_API void lrv_close(lrv_image *image);

/* Bytes and files that libvips holds now, and the most bytes it ever held: what a leak would show in. */
LRV_API int64_t lrv_tracked_bytes(void);
LRV_API int32_t lrv_tracked_files(void);
LRV_API int64_t lrv_tracked_high_water(void);

#endif
