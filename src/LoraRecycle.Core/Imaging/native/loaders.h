#ifndef LORARECYCLE_LOADERS_H
#define LORARECYCLE_LOADERS_H

#include "lorarecycle_vips.h"

#include <vips/vips.h>

/* The format whose loader libvips picks for these bytes, or 0 if that is none of formats. */
int loaders_recognise(const void *data, size_t length, int formats);

/* Undoes what libvips keeps for each thread that calls it; cheap, and due because callers are pooled threads. */
void loaders_leave_thread(void);

#endif
