# SPDX-License-Identifier: Apache-2.0
"""The cases of a download that must go right when everything else goes wrong; see run.py.

case_NN_… is of number NN of the faults that other clients are known for; number 44 are the fuzzers, tests/fuzz/acquire_*_fuzz.cpp.

The rules of security, and what tests each (Sandbox.check() after every case besides):
  names of listings are hostile     names.case_22_*, answers.case_21_digest_that_is_a_path, objects.case_26_traversal, wheels.case_wheel_traversal
  links are not followed            names.case_23_*, objects.case_25_pointer_through_a_link, caches.case_33_snapshot_link_that_leaves
  secrets stay with their origin    redirects.case_16_*, redirects.case_secrets_*, connections.case_36_*, objects.case_25_third_host_with_header,
                                    answers.case_21_link_to_another_origin, wheels.case_wheel_credentials
  certificates are always checked   connections.case_35_*
  digests before final names        ranges.case_09_*, case_10_*, case_15_*, crashes.case_28_*, choices.case_lock_file
  pickles are not fetched           choices.case_choice_no_pickles
  everything has a limit            bodies.case_05_*, answers.case_21_a_million_entries, case_21_body_of_65_mib, case_21_head_without_end,
                                    ranges.case_14_*, wheels.case_wheel_size_of_a_bomb
  modes and owners                  disks.case_31_modes, case_31_cache_anyone_may_write, case_34_umask_of_a_group
"""
