# SPDX-License-Identifier: Apache-2.0
# What ingot-download does when things go wrong: tests/acquire/cases/<theme>.py becomes the test acquire.cases.<theme>, against the hub
# in tests/acquire/hub/, which huggingface_hub and pip confirm.
if(TARGET ingot-download AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_test(NAME acquire.clients COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tests/acquire/clients.py")
  set_tests_properties(acquire.clients PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 ENVIRONMENT_MODIFICATION "${python_packages}")

  foreach(theme answers bodies caches choices connections crashes disks interruptions names objects ranges redirects retries stalls wheels)
    add_test(NAME acquire.cases.${theme}
             COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tests/acquire/cases/run.py" $<TARGET_FILE:ingot-download> ${theme})
    set_tests_properties(acquire.cases.${theme} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
  endforeach()
  set_tests_properties(acquire.cases.stalls PROPERTIES COST 1000)  # waits for limits of 90 s: begun first, it is no later than the rest

  # One cache for it and huggingface_hub.
  add_test(NAME acquire.shared_cache
           COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tests/acquire/shared_cache.py" $<TARGET_FILE:ingot-download>)
  set_tests_properties(acquire.shared_cache PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 ENVIRONMENT_MODIFICATION "${python_packages}")

  # What a download may cost; smaller than what the script measures by itself.
  add_test(NAME acquire.gates COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/benchmarks/acquire/gates.py" $<TARGET_FILE:ingot-download> 512)
  set_tests_properties(acquire.gates PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 RUN_SERIAL ON)
endif()
