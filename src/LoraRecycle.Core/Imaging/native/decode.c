/* Header first, pixels later: lrv_open reads no pixel, so that the caller can refuse what lrv_decode would cost. */
#include "colour.h"
#include "loaders.h"

#include <string.h>

/* Rows that are decoded at a time: enough to cover a JPEG's blocks, few enough to stay in the cache. */
#define STRIP 64

struct lrv_image {
    VipsImage *loaded;
};

static int field(VipsImage *image, const char *name, int otherwise)
{
    int value;
    if (!vips_image_get_typeof(image, name) || vips_image_get_int(image, name, &value))
        return otherwise;
    return value;
}

int lrv_open(const void *data, size_t length, int formats, lrv_image **image, lrv_header *header)
{
    *image = NULL;
    memset(header, 0, sizeof *header);

    int format = loaders_recognise(data, length, formats);
    if (format == 0) {
        loaders_leave_thread();
        return LRV_UNSUPPORTED;
    }

    /* Error, not warning: cameras write stray bytes that every viewer forgives. */
    VipsImage *loaded = vips_image_new_from_buffer(
        data, length, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
    if (loaded == NULL) {
        loaders_leave_thread();
        return LRV_DAMAGED;
    }

    header->format = format;
    header->width = loaded->Xsize;
    header->height = loaded->Ysize;
    header->pages = vips_image_get_n_pages(loaded);
    header->bands = loaded->Bands;
    header->bytes_per_sample = (int32_t) VIPS_IMAGE_SIZEOF_ELEMENT(loaded);
    header->interlaced = field(loaded, "interlaced", field(loaded, "jpeg-multiscan", 0)) != 0;
    header->orientation = vips_image_get_orientation(loaded);
    header->has_alpha = vips_image_hasalpha(loaded);

    *image = g_new(lrv_image, 1);
    (*image)->loaded = loaded;
    return LRV_OK;
}

/* Orientations other than 1 read rows out of order, which a sequential loader cannot; only then is a copy made. */
static VipsImage *upright(VipsImage *in)
{
    if (vips_image_get_orientation(in) == 1)
        return g_object_ref(in);

    VipsImage *whole = vips_image_copy_memory(in);
    VipsImage *turned = NULL;
    if (whole != NULL) {
        if (vips_autorot(whole, &turned, NULL))
            turned = NULL;
        g_object_unref(whole);
    }
    return turned;
}

static int copy_rows(VipsImage *in, uint8_t *pixels, int32_t *rows)
{
    size_t stride = (size_t) in->Xsize * 3;
    VipsRegion *region = vips_region_new(in);
    int failed = 0;
    for (int top = 0; top < in->Ysize && !failed; top += STRIP) {
        VipsRect strip = { 0, top, in->Xsize, VIPS_MIN(STRIP, in->Ysize - top) };
        failed = vips_region_prepare(region, &strip);
        for (int y = top; y < top + strip.height && !failed; y++)
            memcpy(pixels + stride * (size_t) y, VIPS_REGION_ADDR(region, 0, y), stride);
        if (!failed)
            *rows = top + strip.height;
    }
    g_object_unref(region);
    return failed;
}

int lrv_decode(lrv_image *image, uint8_t *pixels, size_t length, int32_t *rows)
{
    VipsImage *rgb = NULL;
    *rows = 0;
    if (colour_to_srgb(image->loaded, &rgb))
        return LRV_UNSUPPORTED;

    VipsImage *turned = upright(rgb);
    g_object_unref(rgb);
    if (turned == NULL)
        return LRV_DAMAGED;

    int status = LRV_INTERNAL;
    if (turned->Bands == 3 && turned->BandFmt == VIPS_FORMAT_UCHAR && length == (size_t) turned->Xsize * (size_t) turned->Ysize * 3)
        status = copy_rows(turned, pixels, rows) ? LRV_DAMAGED : LRV_OK;
    g_object_unref(turned);
    return status;
}

void lrv_close(lrv_image *image)
{
    if (image != NULL) {
        g_object_unref(image->loaded);
        g_free(image);
    }
    loaders_leave_thread();
}
