// SPDX-License-Identifier: Apache-2.0

// libjpeg-turbo as a module: what pkg-config says of libturbojpeg links it.
#include <turbojpeg.h>
