"""
Content encodings that Python's own library has not: brotli and zstd, by the
shared libraries that the program itself is linked with.
CODERS has those that are there.
"""
import ctypes

ROOM = 1 << 24


def library(name):
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


def brotli():
    encoder = library("libbrotlienc.so.1")
    decoder = library("libbrotlidec.so.1")
    if encoder is None or decoder is None:
        return None

    def run(function, data, *more):
        out, size = ctypes.create_string_buffer(ROOM), ctypes.c_size_t(ROOM)
        if function(*more, ctypes.c_size_t(len(data)), data,
                    ctypes.byref(size), out) != 1:
            raise ValueError("brotli")
        return out.raw[:size.value]

    return (lambda data: run(encoder.BrotliEncoderCompress, data, 5, 18, 0),
            lambda data: run(decoder.BrotliDecoderDecompress, data))


def zstd():
    both = library("libzstd.so.1")
    if both is None:
        return None
    for function in both.ZSTD_compress, both.ZSTD_decompress:
        function.restype = ctypes.c_size_t

    def run(function, data, *more):
        out = ctypes.create_string_buffer(ROOM)
        size = function(out, ctypes.c_size_t(ROOM), data,
                        ctypes.c_size_t(len(data)), *more)
        if both.ZSTD_isError(ctypes.c_size_t(size)):
            raise ValueError("zstd")
        return out.raw[:size]

    return (lambda data: run(both.ZSTD_compress, data, 3),
            lambda data: run(both.ZSTD_decompress, data))


# By the name in Content-Encoding: encode, decode.
CODERS = {name: pair for name, pair in (("br", brotli()), ("zstd", zstd()))
          if pair is not None}
