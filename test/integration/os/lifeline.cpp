// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/lifeline.hpp"

#include "os/lifeline_stream.hpp"
#include "support/integration_main.hpp"
#include "support/mapping_facts.hpp"
#include "support/open_descriptors.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <string>
#include <thread>
#include <utility>

namespace asio = boost::asio;
namespace os = procpool::os;
using boost::system::error_code;

BOOST_FIXTURE_TEST_SUITE(lifeline, procpool::test::same_descriptors_after)

BOOST_AUTO_TEST_CASE(bytes_arrive_whole_in_both_directions) {
    asio::io_context context;
    os::lifeline_pair ends = os::make_lifeline();
    os::lifeline worker(std::move(ends.worker_end));
    os::lifeline_stream parent = os::make_lifeline_stream(context, std::move(ends.parent_end));
    std::thread echo([&] {
        std::string received(3'000'000, '\0');
        BOOST_TEST(worker.read(received.data(), received.size()));
        BOOST_TEST(worker.write(received.data(), received.size()));
    });
    std::string sent;
    for (int i = 0; i < 3'000'000; ++i)
        sent += static_cast<char>(i % 251);
    asio::write(parent, asio::buffer(sent));
    std::string back(sent.size(), '\0');
    asio::read(parent, asio::buffer(back));
    echo.join();
    BOOST_TEST((back == sent));
}

BOOST_AUTO_TEST_CASE(a_parent_that_is_gone_is_an_end_of_file_and_no_signal) {
    os::lifeline_pair ends = os::make_lifeline();
    os::lifeline worker(std::move(ends.worker_end));
    {
        os::lifeline parent(std::move(ends.parent_end));
        BOOST_TEST(parent.write("abc", 3));
    }
    std::array<char, 4> bytes{};
    BOOST_TEST(worker.read(bytes.data(), 2));
    BOOST_TEST(!worker.read(bytes.data(), 2));
    BOOST_TEST(!worker.write(bytes.data(), bytes.size()));
}

BOOST_AUTO_TEST_CASE(a_worker_that_is_gone_is_an_end_of_file) {
    asio::io_context context;
    os::lifeline_pair ends = os::make_lifeline();
    os::lifeline_stream parent = os::make_lifeline_stream(context, std::move(ends.parent_end));
    error_code result;
    char byte = 0;
    asio::async_read(parent, asio::buffer(&byte, 1), [&](error_code error, std::size_t) { result = error; });
    ends.worker_end.reset();
    context.run();
    BOOST_TEST((result == asio::error::eof || result == asio::error::broken_pipe)); // as systems say it
}

BOOST_AUTO_TEST_CASE(a_blocked_read_can_be_stopped) {
    os::lifeline_pair ends = os::make_lifeline();
    os::lifeline worker(std::move(ends.worker_end));
    std::thread reader([&] {
        char byte = 0;
        BOOST_TEST(!worker.read(&byte, 1));
    });
    worker.stop_reading();
    reader.join();
    BOOST_TEST(worker.write("x", 1));
}

BOOST_AUTO_TEST_CASE(neither_end_is_inherited_by_chance) {
    const os::lifeline_pair ends = os::make_lifeline();
    BOOST_TEST(procpool::test::is_not_inherited(ends.parent_end.get()));
    BOOST_TEST(procpool::test::is_not_inherited(ends.worker_end.get()));
    const os::lifeline worker(procpool::test::same_handle(ends.worker_end.get()));
    BOOST_TEST(procpool::test::is_not_inherited(worker.handle()));
    BOOST_CHECK_THROW(os::lifeline{os::unique_handle()}, boost::system::system_error);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
