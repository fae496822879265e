# find_package(secretchat) defines
#
#   secretchat::static      the library inside of the program
#   secretchat::shared      the library beside the program
#   secretchat::secretchat  one of these two: shared if BUILD_SHARED_LIBS is on
#
# The prefix is where this file was found.

get_filename_component(_secretchat_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET secretchat::secretchat)
  add_library(secretchat::static STATIC IMPORTED)
  set_target_properties(secretchat::static PROPERTIES
    IMPORTED_LOCATION "${_secretchat_prefix}/lib/libsecretchat_ffi.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_secretchat_prefix}/include"
    INTERFACE_LINK_LIBRARIES m)

  add_library(secretchat::shared SHARED IMPORTED)
  set_target_properties(secretchat::shared PROPERTIES
    IMPORTED_LOCATION "${_secretchat_prefix}/lib/libsecretchat_ffi${CMAKE_SHARED_LIBRARY_SUFFIX}"
    # Otherwise a program would look for it under the path that it was linked with.
    IMPORTED_NO_SONAME TRUE
    INTERFACE_INCLUDE_DIRECTORIES "${_secretchat_prefix}/include")

  add_library(secretchat::secretchat INTERFACE IMPORTED)
  if(BUILD_SHARED_LIBS)
    set_target_properties(secretchat::secretchat PROPERTIES INTERFACE_LINK_LIBRARIES secretchat::shared)
  else()
    set_target_properties(secretchat::secretchat PROPERTIES INTERFACE_LINK_LIBRARIES secretchat::static)
  endif()
endif()

unset(_secretchat_prefix)
