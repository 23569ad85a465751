# liblianfang: every layer that a member needs, in one shared library that exports LF_API names only.
# The layers are static inside the tree, so that product and tests link the very same objects.
set(lf_layers lf_client lf_storage lf_rules lf_names lf_codec lf_protos lf_core lf_uscc lf_base)
set(lf_objects)
foreach(layer ${lf_layers})
    list(APPEND lf_objects $<TARGET_OBJECTS:${layer}>)
endforeach()
set(lf_third_party PkgConfig::GRPC PkgConfig::INIH PkgConfig::PROTOBUFC PkgConfig::SODIUM PkgConfig::UTF8PROC
    PkgConfig::OPENCC LMDB::lmdb     OpenSSL::Crypto Threads::Threads)

add_library(liblianfang SHARED ${lf_objects})
add_library(lianfang::lianfang ALIAS liblianfang)
set(lf_headers access.h base.h client.h crosscheck.h doctor.h evidence.h lists.h members.h mirror.h push.h record.h reports.h submit.h tasks.h uscc.h watch.h)
list(TRANSFORM lf_headers PREPEND ${PROJECT_SOURCE_DIR}/sdk/include/lianfang/)
target_sources(liblianfang PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/sdk/include FILES ${lf_headers})
target_link_libraries(liblianfang PRIVATE ${lf_third_party} lf_warnings)
target_link_options(liblianfang PRIVATE -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/lianfang.map -Wl,--as-needed)
set_target_properties(liblianfang PROPERTIES OUTPUT_NAME lianfang EXPORT_NAME lianfang LINKER_LANGUAGE C
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/lianfang.map)

include(CMakePackageConfigHelpers)
set(lf_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lianfang)
file(RELATIVE_PATH LF_PC_UP /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" LF_PC_UP "${LF_PC_UP}")
configure_file(${PROJECT_SOURCE_DIR}/cmake/lianfang.pc.in ${CMAKE_BINARY_DIR}/lianfang.pc @ONLY)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/lianfang-config.cmake.in ${CMAKE_BINARY_DIR}/lianfang-config.cmake
    INSTALL_DESTINATION ${lf_package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/lianfang-config-version.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS liblianfang EXPORT lianfang COMPONENT sdk LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT lianfang FILE lianfang-targets.cmake NAMESPACE lianfang:: DESTINATION ${lf_package_dir} COMPONENT sdk)
install(FILES ${CMAKE_BINARY_DIR}/lianfang.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT sdk)
install(FILES ${CMAKE_BINARY_DIR}/lianfang-config.cmake ${CMAKE_BINARY_DIR}/lianfang-config-version.cmake
    DESTINATION ${lf_package_dir} COMPONENT sdk)

option(LF_STATIC "also build and install liblianfang.a" OFF)
if(LF_STATIC)
    add_library(lianfang_static STATIC ${lf_objects})
    set_target_properties(lianfang_static PROPERTIES OUTPUT_NAME lianfang LINKER_LANGUAGE C)
    install(TARGETS lianfang_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk)
endif()
