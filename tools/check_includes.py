#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that what a header uses of the standard library comes from a header that it includes, itself or through another of ours.

    check_includes.py [ROOT]        ROOT: the repository; prints one line per fault and exits 1 when there is any
    check_includes.py --self-test   every rule must find its fault in a header that breaks it
    check_includes.py --list        the standard headers below, one a line
    check_includes.py --first ROOT  headers that another one includes before all others of ours: what compiles that one compiles them alone

Standard headers include each other as each library likes: that one happens to bring a name here promises nothing elsewhere. So the
headers below may be compiled once for all header checks, of which parsing them was most; of the others each header's compilation tells.
"""
import pathlib
import re
import sys
import tempfile

from check_layers import without_comments_and_strings

CONTAINER = "size empty data begin end rbegin rend"
PROVIDES = {
    "algorithm": "min max clamp find find_if find_if_not sort stable_sort partial_sort partial_sort_copy nth_element max_element min_element minmax minmax_element"
                 " any_of all_of none_of fill fill_n copy copy_n copy_if copy_backward equal reverse rotate lower_bound upper_bound equal_range binary_search transform"
                 " adjacent_find unique partition partition_point mismatch count count_if replace search remove remove_if push_heap pop_heap make_heap sort_heap"
                 " iter_swap for_each generate is_sorted lexicographical_compare merge set_difference set_union set_intersection includes swap_ranges"
                 " lexicographical_compare_three_way ranges",
    "array": "array get tuple_size to_array " + CONTAINER,
    "atomic": "atomic atomic_ref atomic_flag atomic_thread_fence memory_order memory_order_relaxed memory_order_acquire memory_order_release"
              " memory_order_acq_rel memory_order_seq_cst",
    "bit": "bit_cast has_single_bit bit_ceil bit_floor bit_width rotl rotr endian popcount countl_zero countr_zero",
    "bitset": "bitset",
    "charconv": "errc from_chars to_chars chars_format from_chars_result to_chars_result",
    "chrono": "chrono",
    "cmath": "isfinite isnan isinf sqrt log exp pow floor ceil abs trunc round copysign signbit nearbyint log1p log2 log10 exp2 expm1 sin cos tanh fmod fabs"
             " lrint lrintf lround fma hypot ldexp frexp erf erfc cbrt atan2 rint",
    "compare": "partial_ordering weak_ordering strong_ordering compare_three_way",
    "complex": "complex",
    "concepts": "same_as floating_point convertible_to integral unsigned_integral signed_integral invocable derived_from constructible_from",
    "condition_variable": "condition_variable cv_status",
    "cstddef": "size_t ptrdiff_t byte to_integer nullptr_t max_align_t",
    "cstdint": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t intptr_t uintmax_t intmax_t",
    "cstdio": "size_t rename remove",
    "cstdlib": "size_t free malloc abs strtod strtoul getenv aligned_alloc",
    "cstring": "size_t memcpy memmove memset memcmp memchr strlen strcmp strerror",
    "ctime": "size_t tm time time_t gmtime localtime mktime timespec strftime",
    "cctype": "isalnum isalpha isdigit isspace isxdigit toupper tolower",
    "deque": "deque erase erase_if " + CONTAINER,
    "filesystem": "filesystem",
    "fstream": "ifstream ofstream fstream ios ios_base",
    "functional": "function less less_equal greater greater_equal equal_to multiplies plus minus hash invoke ref cref reference_wrapper identity not_fn bit_or bit_and",
    "initializer_list": "initializer_list",
    "istream": "istream",
    "iterator": "back_inserter next prev distance advance input_iterator_tag forward_iterator_tag bidirectional_iterator_tag random_access_iterator_tag"
                " default_sentinel_t default_sentinel istreambuf_iterator make_move_iterator move_iterator reverse_iterator inserter ssize " + CONTAINER,
    "limits": "numeric_limits",
    "list": "list " + CONTAINER,
    "map": "less map multimap erase_if " + CONTAINER,
    "memory": "unique_ptr shared_ptr weak_ptr make_unique make_shared addressof allocator default_delete enable_shared_from_this static_pointer_cast",
    "mutex": "mutex once_flag call_once scoped_lock lock_guard unique_lock recursive_mutex adopt_lock try_to_lock defer_lock",
    "new": "align_val_t bad_alloc nothrow launder",
    "numbers": "numbers",
    "numeric": "iota accumulate gcd lcm inner_product reduce midpoint partial_sum",
    "optional": "optional nullopt nullopt_t",
    "ostream": "ostream",
    "queue": "queue priority_queue",
    "random": "minstd_rand mt19937 mt19937_64 random_device uniform_int_distribution uniform_real_distribution normal_distribution",
    "ranges": "ranges views",
    "ratio": "ratio milli micro nano",
    "set": "less set multiset erase_if " + CONTAINER,
    "shared_mutex": "shared_mutex shared_lock",
    "span": "span as_bytes as_writable_bytes dynamic_extent " + CONTAINER,
    "sstream": "stringstream istringstream ostringstream",
    "stop_token": "stop_token stop_source stop_callback",
    "string": "string u16string u32string wstring to_string stoul stoi stod getline erase erase_if char_traits basic_string " + CONTAINER,
    "string_view": "string_view u16string_view u32string_view basic_string_view " + CONTAINER,
    "system_error": "error_code errc error_condition system_error generic_category system_category make_error_code",
    "thread": "thread jthread this_thread",
    "tuple": "tuple tie get make_tuple apply tuple_size tuple_element tuple_size_v forward_as_tuple ignore",
    "type_traits": "is_same_v is_arithmetic_v is_enum_v is_trivially_copyable_v is_trivially_destructible_v is_void_v is_integral_v is_floating_point_v is_signed_v"
                   " is_unsigned_v is_convertible_v is_invocable_v is_invocable_r_v is_default_constructible_v is_base_of_v is_reference_v is_const_v is_empty_v"
                   " conditional_t remove_reference_t remove_cvref_t remove_cv_t remove_const_t decay_t type_identity type_identity_t integral_constant true_type"
                   " false_type underlying_type_t invoke_result_t enable_if_t common_type_t void_t make_unsigned_t make_signed_t bool_constant is_constant_evaluated"
                   " is_nothrow_move_constructible_v is_copy_constructible_v is_lvalue_reference_v add_pointer_t is_pointer_v is_class_v extent_v rank_v",
    "unordered_map": "unordered_map erase_if " + CONTAINER,
    "unordered_set": "unordered_set erase_if " + CONTAINER,
    "utility": "move exchange pair swap forward declval index_sequence index_sequence_for make_index_sequence integer_sequence in_place in_place_t in_place_index"
               " in_place_index_t in_place_type in_place_type_t in_range cmp_less cmp_greater cmp_less_equal cmp_greater_equal cmp_equal cmp_not_equal make_pair"
               " as_const piecewise_construct get to_underlying",
    "variant": "variant visit holds_alternative get get_if monostate variant_size_v variant_alternative_t in_place_index in_place_type",
    "vector": "vector erase erase_if " + CONTAINER,
}
HOMES = {}
for home, names in PROVIDES.items():
    for name in names.split():
        HOMES.setdefault(name, set()).add(home)


def read_headers(root):
    """{name: (what it includes, its code)}"""
    headers = {}
    for path in sorted((root / "include").rglob("*.hpp")):
        text = path.read_text(encoding="utf-8")
        headers[path.relative_to(root / "include").as_posix()] = (re.findall(r"^\s*#\s*include\s*<([^>]+)>", text, re.M),
                                                                  without_comments_and_strings(text))
    return headers


def reached(headers, name):
    """All that including `name` includes by what is written in our headers."""
    found, waiting = set(), [name]
    while waiting:
        for target in headers[waiting.pop()][0]:
            if target not in found:
                found.add(target)
                if target in headers:
                    waiting.append(target)
    return found


def included_first(root):
    """What some header includes before all else of ours, and under no condition. Definitions do not count: they are compiled in batches."""
    found = set()
    for path in (root / "include").rglob("*.hpp"):
        if path.name.endswith("_definitions.hpp"):
            continue
        first = re.search(r"^\s*#\s*(?:if|include\s*<(ingot/[^>]+)>)", path.read_text(encoding="utf-8"), re.M)
        if first and first.group(1):
            found.add(first.group(1))
    return sorted(found)


def faults(root):
    headers = read_headers(root)
    if not headers:
        yield "include", 0, "holds no header"
    for header, (_, code) in headers.items():
        included, told = reached(headers, header), set()
        for found in re.finditer(r"\bstd::(\w+)", code):
            name = found.group(1)
            homes = HOMES.get(name)
            if name in told or (homes is not None and homes & included):
                continue
            told.add(name)
            where = f"include/{header}", code.count("\n", 0, found.start()) + 1
            if homes is None:
                yield *where, f"uses std::{name}, which tools/check_includes.py does not know: add it there"
            else:
                yield *where, f"uses std::{name} without including {' or '.join(f'<{home}>' for home in sorted(homes))}"


def self_test():
    cases = [  # a.hpp, b.hpp, what must be said of them; None: no fault
        ("#include <vector>\nstd::vector<int> a;", "", None),
        ("std::vector<int> a;", "", "a.hpp:1: uses std::vector without including <vector>"),
        ("#include <string>\nstd::vector<int> a;", "", "a.hpp:2: uses std::vector"),
        ("#include <ingot/b.hpp>\nstd::vector<int> a;", "#include <vector>", None),
        ("#include <vector>\n#include <ingot/b.hpp>", "std::vector<int> a;", "b.hpp:1: uses std::vector"),
        ("#include <ingot/b.hpp>\nstd::vector<int> a;", "#include <ingot/a.hpp>", "a.hpp:2: uses std::vector"),
        ("// std::vector\nconst char* s = \"std::vector\";", "", None),
        ("std::frobnicate();", "", "does not know"),
        ("#include <cstring>\nstd::size_t a;", "", None),
    ]
    wrong = 0
    for first, second, expected in cases:
        with tempfile.TemporaryDirectory() as directory:
            room = pathlib.Path(directory, "include/ingot")
            room.mkdir(parents=True)
            (room / "a.hpp").write_text(first)
            (room / "b.hpp").write_text(second)
            said = [f"{file}:{line}: {message}" for file, line, message in faults(pathlib.Path(directory))]
        if (expected is None and said) or (expected is not None and not (len(said) == 1 and expected in said[0])):
            wrong += 1
            print(f"self-test: expected {expected!r}, found {said}\n{first}\n{second}")
    with tempfile.TemporaryDirectory() as directory:
        room = pathlib.Path(directory, "include/ingot")
        room.mkdir(parents=True)
        (room / "a.hpp").write_text("#pragma once\n#include <vector>\n#include <ingot/b.hpp>\n#include <ingot/c.hpp>\n")
        (room / "b.hpp").write_text("#pragma once\n#if 1\n#include <ingot/d.hpp>\n#endif\n")
        (room / "b_definitions.hpp").write_text("#pragma once\n#include <ingot/e.hpp>\n")
        if included_first(pathlib.Path(directory)) != ["ingot/b.hpp"]:
            wrong += 1
            print("self-test: first includes are not what they are")
    print(f"self-test: {len(cases) + 1 - wrong} of {len(cases) + 1} rules hold")
    return wrong == 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(0 if self_test() else 1)
    if sys.argv[1:] == ["--list"]:
        print("\n".join(sorted(PROVIDES)))
        sys.exit(0)
    if sys.argv[1:2] == ["--first"]:
        print("\n".join(included_first(pathlib.Path(sys.argv[2]))))
        sys.exit(0)
    repository = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    number = 0
    for file, line_number, message in faults(repository):
        print(f"{file}:{line_number}: {message}")
        number += 1
    print(f"check_includes: {number} faults")
    sys.exit(1 if number else 0)
