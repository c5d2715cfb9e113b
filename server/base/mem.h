/*
 * mem: allocation that cannot fail. Out of memory aborts here, in one place.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                         /* zeroed */
void *mem_array(size_t count, size_t size);           /* zeroed; aborts on overflow */
void *mem_grow(void *old, size_t count, size_t size); /* realloc; new part not zeroed */
void *mem_copy(const void *from, size_t len);
char *mem_text(const char *text, size_t len); /* a copy with a final NUL */
char *mem_string(const char *text);           /* NULL gives NULL */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
