// libjpeg-turbo as a module: what pkg-config says of libturbojpeg links it.
#include <turbojpeg.h>
