from django.urls import path

from conferences.sharing import views

urlpatterns = [
    path("conferences/<slug:slug>.ics", views.conference_calendar, name="conference-calendar"),
    path("conferences.ics", views.my_calendar, name="my-calendar"),
    path("me/calendar/renew/", views.renew_my_calendar, name="renew-my-calendar"),
    path("me/calendar/remove/", views.remove_my_calendar, name="remove-my-calendar"),
    path("card.png", views.site_picture, name="site-card"),
    path("conferences/<slug:slug>/card.png", views.conference_picture, name="conference-card"),
    path("sitemap.xml", views.conference_sitemap, name="sitemap"),
    path("feed/", views.conference_feed, name="conference-feed"),
]
