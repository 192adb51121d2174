# SPDX-License-Identifier: Apache-2.0
# Headers, runtime and CMake package as component `development`; programs, where they are built, as component `programs`.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ingot")
install(DIRECTORY include/ingot DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.hpp")
set(libraries ingot ingot_runtime)
if(INGOT_ACQUIRE)
  list(APPEND libraries ingot_acquire)
endif()
install(TARGETS ${libraries} EXPORT ingot-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT ingot-targets NAMESPACE ingot:: DESTINATION ${package_dir} COMPONENT development)
configure_package_config_file(cmake/ingot-config.cmake.in "${PROJECT_BINARY_DIR}/ingot-config.cmake" INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ingot-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/ingot-config.cmake" "${PROJECT_BINARY_DIR}/ingot-config-version.cmake" DESTINATION ${package_dir}
        COMPONENT development)
if(INGOT_PROGRAM_TARGETS)
  install(TARGETS ${INGOT_PROGRAM_TARGETS} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
endif()
