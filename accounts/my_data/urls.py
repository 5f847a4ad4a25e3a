from django.urls import path

from accounts.my_data import views

urlpatterns = [
    path("my-data/", views.my_data, name="my-data"),
    path("export/", views.export_my_data, name="export-my-data"),
    path("delete/", views.delete_account, name="delete-account"),
]
