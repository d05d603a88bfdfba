// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/cpu_quota.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace os = procpool::os;
using folders = std::vector<os::quota_folder>;

BOOST_AUTO_TEST_SUITE(cpu_quota)

BOOST_AUTO_TEST_CASE(a_part_of_a_cpu_counts_as_one) {
    BOOST_TEST(os::cpus_of_cpu_max("150000 100000\n").value() == 2u);
    BOOST_TEST(os::cpus_of_cpu_max("200000 100000\n").value() == 2u);
    BOOST_TEST(os::cpus_of_cpu_max("1000 100000\n").value() == 1u);
}

BOOST_AUTO_TEST_CASE(no_limit_is_no_number) {
    BOOST_TEST(!os::cpus_of_cpu_max("max 100000\n").has_value());
    BOOST_TEST(!os::cpus_of_cfs("-1\n", "100000\n").has_value());
}

BOOST_AUTO_TEST_CASE(text_that_is_not_understood_is_no_limit) {
    for (const char* const text :
         {"", "\n", "5", "5 ", "x 5", "5 x", "5 0", "0 5", "-5 5", "99999999999999999999 5"})
        BOOST_TEST(!os::cpus_of_cpu_max(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(version_1_has_quota_and_period_in_two_files) {
    BOOST_TEST(os::cpus_of_cfs("250000\n", "100000\n").value() == 3u);
    BOOST_TEST(!os::cpus_of_cfs("", "").has_value());
}

BOOST_AUTO_TEST_CASE(every_group_above_ones_own_counts) {
    const folders expected{
        {"/sys/fs/cgroup/a/b.service", true}, {"/sys/fs/cgroup/a", true}, {"/sys/fs/cgroup", true}};
    BOOST_TEST((os::quota_folders("0::/a/b.service\n",
                                  "24 1 0:21 / /proc rw - proc proc rw\n"
                                  "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n") ==
                expected));
}

BOOST_AUTO_TEST_CASE(the_root_group_is_one_folder) {
    const folders expected{{"/sys/fs/cgroup", true}};
    BOOST_TEST(
        (os::quota_folders("0::/\n", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 none rw\n") == expected));
}

BOOST_AUTO_TEST_CASE(version_1_is_found_by_its_cpu_controller) {
    const char* const groups = "5:cpuset:/other\n4:cpu,cpuacct:/job\n1:name=systemd:/init\n0::/unified\n";
    const char* const mounts = "31 30 0:27 / /cg/cpuset rw - cgroup cgroup rw,cpuset\n"
                               "32 30 0:28 / /cg/cpu rw shared:9 master:1 - cgroup cgroup rw,cpuacct,cpu\n";
    BOOST_TEST((os::quota_folders(groups, mounts) == folders{{"/cg/cpu/job", false}, {"/cg/cpu", false}}));
}

BOOST_AUTO_TEST_CASE(a_mount_that_shows_a_part_of_the_tree_is_looked_at_from_there) {
    const char* const mounts = "32 30 0:28 /docker/12 /cg/cpu ro - cgroup cgroup rw,cpu\n";
    BOOST_TEST((os::quota_folders("4:cpu:/docker/12/x\n", mounts) ==
                folders{{"/cg/cpu/x", false}, {"/cg/cpu", false}}));
    BOOST_TEST((os::quota_folders("4:cpu:/docker/12\n", mounts) == folders{{"/cg/cpu", false}}));
    BOOST_TEST((os::quota_folders("4:cpu:/docker/123\n", mounts) == folders{{"/cg/cpu", false}}));
}

BOOST_AUTO_TEST_CASE(spaces_in_mount_points_are_decoded) {
    const char* const mounts = R"(30 23 0:26 / /my\040groups rw - cgroup2 cgroup2 rw)";
    BOOST_TEST((os::quota_folders("0::/\n", mounts) == folders{{"/my groups", true}}));
}

BOOST_AUTO_TEST_CASE(without_groups_or_mounts_there_is_nothing_to_look_at) {
    BOOST_TEST(os::quota_folders("", "").empty());
    BOOST_TEST(os::quota_folders("0::/a\n", "").empty());
    BOOST_TEST(os::quota_folders("", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n").empty());
    BOOST_TEST(os::quota_folders("nonsense", "nonsense\n\n - \n").empty());
}

BOOST_AUTO_TEST_SUITE_END()
