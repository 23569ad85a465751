# cmake -DIN=file -DOUT=file.c -DNAME=symbol -P embed.cmake: a file as a C array, with its length.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
file(WRITE "${OUT}" "#include <stddef.h>\nextern const unsigned char ${NAME}[];\nextern const size_t ${NAME}_size;\nconst unsigned char ${NAME}[] = {${bytes}0};\nconst size_t ${NAME}_size = ${size};\n")
